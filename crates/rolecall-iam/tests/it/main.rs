//! The engine as its users call it: cases in files, each naming the AWS page it follows; a second interpreter; laws.

mod cases;
mod differential;
mod estate;
mod explain;
mod laws;
mod model;
mod scenario;
mod world;
