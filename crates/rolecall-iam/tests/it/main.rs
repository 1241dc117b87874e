//! The engine as its users call it: cases in files, each naming the AWS page it follows; a second interpreter; laws.

mod cases;
mod differential;
mod laws;
mod model;
mod scenario;
