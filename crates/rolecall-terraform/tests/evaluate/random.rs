//! Whatever the text says, nothing panics, and every problem stands in a file that was read.

use std::path::Path;

use proptest::prelude::*;
use rolecall_terraform::Sources;
use rolecall_terraform::evaluate::{Evaluator, Settings};
use rolecall_terraform::module::Configuration;

use crate::files::Texts;

const EXPRESSIONS: &[&str] = &[
    "1",
    "-2.5",
    "null",
    "true",
    "\"a\"",
    "\"x${local.a}y\"",
    "\"%{if local.b}1%{else}2%{endif}\"",
    "[]",
    "{}",
    "[local.a, 1]",
    "{ a = local.b, (local.a) = 2 }",
    "local.a",
    "local.b",
    "local.c",
    "var.v",
    "each.key",
    "count.index",
    "local.a[0]",
    "local.b.a",
    "local.c[*]",
    "local.c.*.a",
    "terraform_data.r",
    "terraform_data.r[0].input",
    "[for x in local.a : x]",
    "{ for k, v in local.b : k => v... if v }",
    "local.a == local.b",
    "local.a + local.b",
    "local.a ? local.b : local.c",
    "!local.a",
    "toset(local.a)",
    "merge(local.a, local.b)",
    "try(local.a.b, local.c)",
    "jsonencode(local.b)",
    "module.m.x",
    "<<A\n${local.a}\nA\n",
    "concat(local.a...)",
    "path.module",
    "é",
    "\"\\",
    "[",
    "}",
    "\"${",
    "%",
    "local.a[local.b]",
    "setproduct(local.a, local.a)",
    "format(\"%s\", local.a)",
    "lookup(local.b, local.a)",
];

fn expression() -> impl Strategy<Value = &'static str> {
    prop::sample::select(EXPRESSIONS)
}

proptest! {
    #[test]
    fn nothing_panics(all in prop::collection::vec(expression(), 9), is_counted in any::<bool>(), noise in ".{0,40}") {
        let repeat = if is_counted { "count" } else { "for_each" };
        let text = format!(
            "locals {{\n  a = {}\n  b = {}\n  c = {}\n}}\nvariable \"v\" {{\n  default = {}\n}}\n\
             resource \"terraform_data\" \"r\" {{\n  {repeat} = {}\n  input = {}\n}}\n\
             module \"m\" {{\n  source = \"./m\"\n  {repeat} = {}\n  x = {}\n}}\noutput \"o\" {{\n  value = {}\n}}\n{noise}\n",
            all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], all[8],
        );
        let module = "variable \"x\" {}\nresource \"aws_iam_role\" \"r\" {\n  name = var.x\n}\noutput \"x\" { value = aws_iam_role.r.arn }\n";
        let files = Texts::of(&[("main.tf", &text), ("m/main.tf", module), ("noise.tf.json", &noise)]);
        let configuration = Configuration::load(Path::new("."), &files, Sources::default()).unwrap();
        let settings = Settings::default();
        let evaluator = Evaluator::new(&configuration, &settings, &files);
        evaluator.everything();
        let sources = evaluator.sources();
        for problem in configuration.problems.iter().chain(&evaluator.problems()) {
            prop_assert!(!sources.path(problem.place).as_os_str().is_empty(), "{:?}", problem);
            prop_assert!(problem.place.end as usize <= sources.text(problem.place).len(), "{:?}\n{}", problem, text);
        }
    }
}
