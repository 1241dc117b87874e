//! Modules: which files are read, which are missing, and what depends on what.
//!
//! <https://developer.hashicorp.com/terraform/language/modules>, <https://developer.hashicorp.com/terraform/language/files>

use std::path::Path;

use rolecall_terraform::evaluate::{Evaluator, Settings};
use rolecall_terraform::module::Configuration;
use rolecall_terraform::value::Value;
use rolecall_terraform::{Sources, roots, roots_below};

use crate::files::{Texts, all};

/// The output `a`, as text.
fn output(texts: &[(&str, &str)]) -> Option<String> {
    let files = Texts::of(texts);
    let configuration = Configuration::load(Path::new("."), &files, Sources::default()).unwrap();
    let settings = Settings::default();
    let evaluator = Evaluator::new(&configuration, &settings, &files);
    let value: Value = evaluator.output("a")?;
    value.as_known_text().or_else(|| Some(format!("⟨{}⟩", value.first_unknown()?.0)))
}

#[test]
fn no_configuration() {
    let load = |texts: &[(&str, &str)]| {
        Configuration::load(Path::new("."), &Texts::of(texts), Sources::default()).map(drop)
    };
    assert_eq!(
        load(&[("README.md", "")]),
        Err("`.` has no Terraform configuration: no file ends in .tf or .tf.json".to_owned())
    );
    assert_eq!(load(&[]), Err("there is no such folder".to_owned()));
    // Editors' files are not read.
    assert!(load(&[(".hidden.tf", "x {"), ("main.tf~", "x {")]).is_err());
}

#[test]
fn a_module_that_is_not_there_is_unknown() {
    let texts =
        [("main.tf", "module \"m\" {\n  source = \"./nope\"\n}\noutput \"a\" { value = module.m.x }\n")];
    assert_eq!(
        all(&Texts::of(&texts)).0,
        ["the module `./nope` is not there: there is no such folder; until then what it gives is unknown"]
    );
    assert_eq!(output(&texts).unwrap(), "⟨module.m.x⟩");
    let texts = [(
        "main.tf",
        "module \"m\" {\n  source = \"acme/thing/aws\"\n}\noutput \"a\" { value = module.m.x }\n",
    )];
    assert_eq!(
        all(&Texts::of(&texts)).0,
        [
            "the module `acme/thing/aws` is not on this machine: `terraform init` in `.` fetches it; until then what it gives is unknown"
        ]
    );
    assert_eq!(output(&texts).unwrap(), "⟨module.m.x⟩");
    let texts = [("main.tf", "module \"m\" {\n  source = \"./empty\"\n}\n"), ("empty/README.md", "")];
    assert_eq!(
        all(&Texts::of(&texts)).0,
        ["the module's folder `empty` has no Terraform configuration; until then what it gives is unknown"]
    );
}

#[test]
fn a_module_that_calls_itself() {
    let texts = [
        ("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"),
        ("m/main.tf", "module \"m\" {\n  source = \"../m\"\n}\n"),
    ];
    assert_eq!(all(&Texts::of(&texts)).0, ["modules call each other without end"]);
}

#[test]
fn cycles_through_modules() {
    let module =
        "variable \"x\" { default = null }\noutput \"x\" { value = var.x }\noutput \"y\" { value = 1 }\n";
    let cycle = "module \"m\" {\n  source = \"./m\"\n  x = module.n.x\n}\nmodule \"n\" {\n  source = \"./m\"\n  x = module.m.x\n}\n";
    let problems = all(&Texts::of(&[("main.tf", cycle), ("m/main.tf", module)])).0;
    assert!(problems.iter().any(|problem| problem.ends_with("depends on itself")), "{problems:?}");
    // What goes round through another output is none.
    let none = "module \"m\" {\n  source = \"./m\"\n  x = module.n.y\n}\nmodule \"n\" {\n  source = \"./m\"\n  x = module.m.x\n}\noutput \"a\" { value = module.n.x }\n";
    assert_eq!(all(&Texts::of(&[("main.tf", none), ("m/main.tf", module)])).0, [""; 0]);
    assert_eq!(output(&[("main.tf", none), ("m/main.tf", module)]).unwrap(), "1");
    // How often a module is there cannot depend on what is in it.
    let count = "module \"m\" {\n  source = \"./m\"\n  count = module.m[0].y\n}\n";
    let problems = all(&Texts::of(&[("main.tf", count), ("m/main.tf", module)])).0;
    assert!(!problems.is_empty());
    let each = "resource \"terraform_data\" \"a\" {\n  count = length(terraform_data.a)\n}\n";
    assert!(!all(&Texts::of(&[("main.tf", each)])).0.is_empty());
}

#[test]
fn overrides() {
    let texts = |overriding: &'static str| {
        [
            ("main.tf", "locals {\n  x = 1\n  y = 2\n}\noutput \"a\" { value = \"${local.x}${local.y}\" }\n"),
            ("override.tf", overriding),
        ]
    };
    assert_eq!(output(&texts("locals { y = 3 }")).unwrap(), "13");
    assert_eq!(output(&texts("output \"a\" { value = 9 }")).unwrap(), "9");
    assert_eq!(all(&Texts::of(&texts("locals { y = 3 }"))).0, [""; 0]);
}

#[test]
fn a_file_that_cannot_be_read_is_not_the_end() {
    let texts = [
        ("a.tf", "locals {\n  x = [1,\n}\n"),
        ("b.tf.json", "{\"locals\": {\"y\": }"),
        ("c.tf", "output \"a\" { value = 1 }\n"),
    ];
    assert_eq!(output(&texts).unwrap(), "1");
    assert_eq!(all(&Texts::of(&texts)).0.len(), 2);
}

#[test]
fn strings_of_json() {
    let json = r#"{
        "variable": {"v": {"default": "${kept}", "description": "%{ of no end"}},
        "locals": {"bad": "${", "good": "${upper(\"x\")}"},
        "output": {"a": {"value": "${var.v}-${local.good}"}}
    }"#;
    assert_eq!(output(&[("main.tf.json", json)]).unwrap(), "${kept}-X");
    // One text that is no template is one problem.
    assert_eq!(all(&Texts::of(&[("main.tf.json", json)])).0.len(), 1);
}

#[test]
fn what_is_called_is_no_root() {
    let texts = Texts::of(&[
        ("live/one/main.tf", "module \"m\" {\n  source = \"../../shared/m\"\n}\n"),
        ("live/two/main.tf", "locals {}\n"),
        ("shared/m/main.tf", "locals {}\n"),
        ("modules/other/main.tf", "locals {}\n"),
        ("live/example.com/main.tf", "locals {}\n"),
    ]);
    let found = roots(Path::new("."), &texts).unwrap();
    assert_eq!(found.folders, [Path::new("live/example.com"), Path::new("live/one"), Path::new("live/two")]);
    assert_eq!(found.notes, ["nothing here calls `modules/other`: it is not checked unless it is named"]);
    // Where there are only modules, it is they that are meant.
    let library = Texts::of(&[
        ("modules/one/main.tf", "module \"m\" {\n  source = \"../two\"\n}\n"),
        ("modules/two/main.tf", "locals {}\n"),
    ]);
    assert_eq!(roots(Path::new("."), &library).unwrap().folders, [Path::new("modules/one")]);
    // Beside one that is a root module itself, those below it are others.
    let texts = Texts::of(&[
        ("main.tf", "module \"m\" {\n  source = \"./own\"\n}\n"),
        ("own/main.tf", "locals {}\n"),
        ("bootstrap/main.tf", "locals {}\n"),
    ]);
    assert_eq!(roots(Path::new("."), &texts).unwrap().folders, [Path::new(".")]);
    assert_eq!(roots_below(Path::new("."), &texts), [Path::new("bootstrap")]);
}

/// What a folder is called with is a stranger's to write: that must not take a root module out.
/// <https://developer.hashicorp.com/terraform/language/modules/develop/providers#legacy-shared-modules-with-provider-configurations>
#[test]
fn what_is_a_root_all_the_same() {
    let role = "provider \"aws\" {}\nresource \"aws_iam_role\" \"r\" {}\n";
    let call = |source: &str, more: &str| format!("module \"m\" {{\n  source = \"{source}\"\n{more}}}\n");
    let all = |files: &[(&str, &str)]| -> Vec<String> {
        let found = roots(Path::new("."), &Texts::of(files)).unwrap();
        found.folders.iter().map(|path| path.display().to_string()).collect()
    };
    // A module with providers of its own is called without `count`, or it is none.
    let never = call("../live", "  count  = 0\n");
    assert_eq!(all(&[("live/main.tf", role), ("other/main.tf", &never)]), ["live", "other"]);
    let once = call("../live", "");
    assert_eq!(all(&[("live/main.tf", role), ("other/main.tf", &once)]), ["other"]);
    // The caller may be called so.
    let (first, second) = (call("../between", "  count = 0\n"), call("../live", ""));
    let chain = [("a/main.tf", first.as_str()), ("between/main.tf", &second), ("live/main.tf", role)];
    assert_eq!(all(&chain), ["a", "live"]);
    // Two that call each other.
    let (one, other) = (call("../b", ""), call("../a", ""));
    assert_eq!(all(&[("a/main.tf", &one), ("b/main.tf", &other), ("c/main.tf", "")]), ["a", "c"]);
    // Where the state is, is said by roots alone.
    let state = "terraform {\n  backend \"s3\" {}\n}\n";
    assert_eq!(all(&[("a/main.tf", &call("../b", "")), ("b/main.tf", state)]), ["a", "b"]);
    assert_eq!(all(&[("prod.eu/main.tf", role), ("modules/m/main.tf", state)]), ["modules/m", "prod.eu"]);
}

/// <https://registry.terraform.io/providers/hashicorp/template/latest/docs/data-sources/file>
#[test]
fn template_file() {
    let text = "data \"template_file\" \"t\" {\n  template = \"x-$${name}\"\n  vars = { name = \"y\" }\n}\noutput \"a\" { value = data.template_file.t.rendered }\n";
    assert_eq!(output(&[("main.tf", text)]).unwrap(), "x-y");
    let text = "data \"template_file\" \"t\" {\n  template = file(\"${path.module}/t.tpl\")\n  vars = { name = \"y\" }\n}\noutput \"a\" { value = data.template_file.t.rendered }\n";
    assert_eq!(output(&[("main.tf", text), ("t.tpl", "<${name}>")]).unwrap(), "<y>");
}

#[test]
fn collections_that_may_differ_in_type_are_not_said_to_be_equal() {
    let equal = |expression: &str| {
        let text = format!(
            "variable \"l\" {{\n  type = list(string)\n  default = [\"a\"]\n}}\noutput \"a\" {{ value = {expression} }}\n"
        );
        output(&[("main.tf", &text)]).unwrap()
    };
    // Terraform says false: a list is no tuple. https://developer.hashicorp.com/terraform/language/expressions/operators
    assert_eq!(equal("var.l == [\"a\"]"), "⟨whether two collections have the same type⟩");
    assert_eq!(equal("var.l == [\"b\"]"), "false");
    assert_eq!(equal("var.l == []"), "false");
    assert_eq!(equal("var.l == var.l"), "true");
    assert_eq!(equal("[1] == [1]"), "true");
}

#[test]
fn what_is_sensitive_is_in_no_problem() {
    let text = "variable \"s\" {\n  sensitive = true\n  default = \"hidden\"\n}\nlocals {\n  a = { x = 1 }[var.s]\n  b = { for x in [1, 2] : var.s => x }\n}\n";
    let problems = all(&Texts::of(&[("main.tf", text)])).0;
    assert_eq!(
        problems,
        [
            "there is no key (sensitive) in this map",
            "the key (sensitive) comes twice: with `...` both are kept"
        ]
    );
}

#[test]
fn a_module_that_is_called_often_is_missed_once() {
    let call = |name: &str| format!("module \"{name}\" {{\n  source = \"acme/thing/aws\"\n}}\n");
    let text = ["a", "b", "c"].map(call).concat();
    assert_eq!(
        all(&Texts::of(&[("main.tf", &text)])).0,
        [
            "the module `acme/thing/aws` is not on this machine (called here and 2 times more): `terraform init` in `.` fetches it; until then what it gives is unknown"
        ]
    );
}

#[test]
fn what_follows_from_a_mistake_is_not_said() {
    // What cannot be read may have declared it.
    let text =
        "locals {\n  x = [\"a\" \"b\"]\n}\noutput \"a\" { value = \"${local.x[0]}${data.x_y.z.a}\" }\n";
    assert_eq!(all(&Texts::of(&[("main.tf", text)])).0.len(), 1);
    // Of something that is not there as often as nobody knows, there is a key all the same.
    let text = "resource \"x_y\" \"z\" {\n  for_each = data.x_y.none\n  name = each.key\n}\n";
    assert_eq!(all(&Texts::of(&[("main.tf", text)])).0, ["this module declares no `data.x_y.none`"]);
}

/// <https://developer.hashicorp.com/terraform/language/functions/list>, <https://developer.hashicorp.com/terraform/language/functions/map>
#[test]
fn what_older_configurations_call() {
    let text = "output \"a\" { value = \"${join(\"-\", list(\"x\", \"y\"))}${lookup(map(\"k\", \"v\"), \"k\")}\" }\n";
    assert_eq!(output(&[("main.tf", text)]).unwrap(), "x-yv");
}

/// What is there as often as nobody knows is the same thing wherever it is meant by the same key.
#[test]
fn one_of_as_many_as_nobody_knows() {
    let text = "variable \"n\" {}\nresource \"aws_iam_role\" \"r\" {\n  count = var.n\n  name = \"r\"\n}\noutput \"a\" { value = aws_iam_role.r[0].name }\n";
    assert_eq!(output(&[("main.tf", text)]).unwrap(), "r");
    let text = "variable \"n\" {}\nresource \"aws_iam_role\" \"r\" {\n  for_each = var.n\n  name = \"r\"\n}\noutput \"a\" { value = aws_iam_role.r[\"k\"].name }\n";
    assert_eq!(output(&[("main.tf", text)]).unwrap(), "⟨aws_iam_role.r[\"k\"].name⟩");
}
