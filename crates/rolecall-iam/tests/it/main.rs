//! The engine as its users call it: cases in files, each naming the AWS page it follows.

mod cases;
