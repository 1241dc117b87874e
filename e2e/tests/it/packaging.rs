//! What is packaged for where it runs: parsed by a tool, and run here as far as that can be.

use std::fs;
use std::net::TcpListener;

use e2e::{Program, Scratch, Server, Sidecar, WORKLOAD, present, repository, skip};
use serde_json::Value;

use crate::estate;
use crate::terraform::root::{Root, is_here};

/// The task of `examples/sidecar/ecs`: the sidecar and the program, each with the command and the environment of its
/// container.
#[test]
fn an_ecs_task_with_a_sidecar() {
    if !is_here() {
        return;
    }
    if let Err(why) = present("python3", &["-c", "import boto3"]) {
        return skip("boto3", &why);
    }
    let server = Server::start();
    let root = Root::of("examples/sidecar/ecs");
    root.terraform(&["validate", "-no-color"]).run().ok();
    root.settle(&server, WORKLOAD);
    let (containers, role) = (root.output("containers"), root.output("task_role_arn"));
    let [sidecar, program] = &containers.as_array().unwrap()[..] else { panic!("{containers}") };

    // The port and the folder are this test's; in a task they are the task's own.
    let scratch = Scratch::new();
    let tokens = scratch.path("tokens");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let here = |text: &str| text.replace("9911", &port).replace("/run/rolecall", tokens.to_str().unwrap());
    let words = |value: &Value| {
        value.as_array().into_iter().flatten().map(|word| here(word.as_str().unwrap())).collect::<Vec<_>>()
    };
    let with_environment = |container: &Value, program: Program| {
        container["environment"].as_array().into_iter().flatten().fold(program, |program, variable| {
            program.env(variable["name"].as_str().unwrap(), here(variable["value"].as_str().unwrap()))
        })
    };
    let task = server.task(role.as_str().unwrap()).arg(Server::binary()).args(words(&sidecar["command"]));
    let task = with_environment(sidecar, task).args(["--json", "--listen"]).arg(format!("127.0.0.1:{port}"));
    let running = Sidecar::start(task.into_command());

    let check = &words(&sidecar["healthCheck"]["command"])[..];
    let ["CMD", "/usr/local/bin/rolecall", check @ ..] =
        &check.iter().map(String::as_str).collect::<Vec<_>>()[..]
    else {
        panic!("{check:?}")
    };
    let check = || {
        let listen = format!("127.0.0.1:{port}");
        Program::new(Server::binary()).args(check).arg("--listen").arg(listen).run().code
    };
    running.until("healthy", |_| check() == 0);

    // ECS puts this one into every container.
    let folder = repository().join("examples/dynamodb-across-accounts/task");
    let command: Vec<_> = [words(&program["entryPoint"]), words(&program["command"])].concat();
    let (first, rest) = command.split_first().unwrap();
    let program = with_environment(program, Program::new(first).args(rest).dir(&folder));
    let program = program.env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/of-the-task");
    let said = program.env("AWS_ENDPOINT_URL", server.url()).run().ok();
    assert!(said.contains("'TableNames': ['orders']"), "{said}");

    assert_eq!(running.stop().code, 0);
    assert_ne!(check(), 0, "who does not run is not healthy");
    root.destroy(&server, WORKLOAD);
}

#[test]
fn the_ecs_roots_own_tests() {
    if is_here() {
        let said = Root::of("examples/sidecar/ecs").terraform(&["test", "-no-color"]).run().ok();
        assert!(said.contains("Success!") && !said.contains("0 passed"), "{said}");
    }
}

/// The pod of `kubernetes.yaml`: the manifests are what Kubernetes knows, the roles of the ConfigMap are served with the
/// arguments of the sidecar, its probes answer, and the program's environment leads to its role.
#[test]
fn a_pod_with_a_sidecar() {
    if let Err(why) = present("python3", &["-c", "import yaml"]) {
        return skip("PyYAML", &why);
    }
    let parse = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let file = repository().join("examples/sidecar/kubernetes.yaml");
    let said = Program::new("python3").args(["-c", parse]).arg(file).run().ok();
    let manifests: Vec<Value> = serde_json::from_str(&said).unwrap();
    let kinds: Vec<_> = manifests
        .iter()
        .map(|it| (it["apiVersion"].as_str().unwrap(), it["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("v1", "ServiceAccount"), ("v1", "ConfigMap"), ("apps/v1", "Deployment")]);
    let pod = &manifests[2]["spec"]["template"];
    assert_eq!(manifests[2]["spec"]["selector"]["matchLabels"], pod["metadata"]["labels"]);
    let (spec, annotations) = (&pod["spec"], &pod["metadata"]["annotations"]);
    let (sidecar, program) = (&spec["initContainers"][0], &spec["containers"][0]);
    assert_eq!(sidecar["restartPolicy"], "Always", "a sidecar");
    assert_eq!(annotations["eks.amazonaws.com/skip-containers"], program["name"]);
    let volumes: Vec<_> = spec["volumes"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    for container in [sidecar, program] {
        assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
        for mount in container["volumeMounts"].as_array().unwrap() {
            assert!(volumes.contains(&&mount["name"]), "{mount}");
        }
    }
    assert_eq!(spec["volumes"][0]["configMap"]["name"], manifests[1]["metadata"]["name"]);
    assert_eq!(spec["serviceAccountName"], manifests[0]["metadata"]["name"]);

    let server = Server::start();
    estate::whole_path(&server);
    // The other role of the manifest: it is not ready before it has credentials of each.
    estate::Caller::root(&server, WORKLOAD).allow("my-fargate-task-role", "sts:AssumeRole", "*");
    let trust = format!(r#"{{"AWS":"{}"}}"#, estate::TASK_ROLE);
    estate::Caller::root(&server, "333333333333").role("reader", &trust);
    let scratch = Scratch::new();
    let roles = manifests[1]["data"]["roles.toml"].as_str().unwrap();
    let roles = roles.replace("/run/rolecall", scratch.path("tokens").to_str().unwrap());
    let config = scratch.write("roles.toml", &roles.replace("0.0.0.0:9912", "127.0.0.1:0"));
    let arguments = sidecar["args"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
    let arguments = arguments.map(|it| it.replace("/etc/rolecall/roles.toml", config.to_str().unwrap()));
    let task = server.task(estate::TASK_ROLE).arg(Server::binary()).args(arguments);
    let task = task.args(["--json", "--listen", "127.0.0.1:0"]).env("AWS_MAX_ATTEMPTS", "1");
    let running = Sidecar::start(task.into_command());
    for (probe, path) in [("startupProbe", "/ready"), ("livenessProbe", "/live")] {
        assert_eq!(sidecar[probe]["httpGet"]["path"], path);
        assert_eq!(sidecar[probe]["httpGet"]["port"], sidecar["ports"][0]["name"]);
        running.until("well", |running| running.get(path, "").0 == 200);
    }
    // What the sidecar says that a client needs is what the pod gives its program, but for where this test runs.
    let listen = running.said()["listen"].as_str().unwrap();
    let told = &running.said()["roles"][0]["environment"];
    let mut given = serde_json::Map::new();
    for variable in program["env"].as_array().unwrap() {
        let value = variable["value"].as_str().unwrap().replace("127.0.0.1:9911", listen);
        let value = value.replace("/run/rolecall", scratch.path("tokens").to_str().unwrap());
        given.insert(variable["name"].as_str().unwrap().to_owned(), value.into());
    }
    assert_eq!(*told, Value::Object(given));
}

/// systemd finds nothing wrong with the unit, and rates it as hardened.
#[test]
fn the_systemd_unit() {
    if let Err(why) = present("systemd-analyze", &["--version"]) {
        return skip("systemd", &why);
    }
    let unit = fs::read_to_string(repository().join("packaging/rolecall.service")).unwrap();
    let scratch = Scratch::new();
    // It looks for the program and for the user, which are not on this machine.
    let here = unit.replace("/usr/local/bin/rolecall", Server::binary().to_str().unwrap());
    let here = here.replace("User=rolecall", "User=daemon").replace("Group=rolecall", "Group=daemon");
    let here = scratch.write("rolecall.service", &here);
    let verify = Program::new("systemd-analyze").args(["verify", "--man=no"]).arg(&here).run();
    assert!(!verify.err.contains("rolecall.service"), "{}", verify.err);
    let security = ["security", "--no-pager", "--offline=true", "--threshold=20"];
    Program::new("systemd-analyze").args(security).arg(&here).run().ok();

    let start =
        unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/rolecall ")).unwrap();
    let roles = scratch.write("roles.toml", "[role.a]\nrole_arn = \"arn:aws:iam::222222222222:role/a\"\n");
    let run = scratch.path("run");
    let start = start.replace("/etc/rolecall/roles.toml", roles.to_str().unwrap());
    let start = start.replace("/run/rolecall", run.to_str().unwrap());
    let serve =
        Program::new(Server::binary()).args(start.split(' ')).args(["--json", "--listen", "127.0.0.1:0"]);
    let running = Sidecar::start(serve.env("AWS_REGION", "eu-west-1").into_command());
    assert_eq!(running.get("/live", "").0, 200);
    assert_eq!(running.stop().code, 0);
    assert!(!run.join("socket").exists());
}

/// No image is built here: its instructions are ones that there are, and name what there is.
#[test]
fn the_dockerfile() {
    let text = fs::read_to_string(repository().join("packaging/Dockerfile")).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let words: Vec<_> = lines.iter().map(|line| line.split_once(' ').unwrap()).collect();
    let instructions: Vec<_> = words.iter().map(|(instruction, _)| *instruction).collect();
    let build = ["FROM", "RUN", "WORKDIR", "COPY", "RUN"];
    assert_eq!(
        instructions,
        [&build[..], &["FROM", "COPY", "COPY", "VOLUME", "USER", "ENTRYPOINT"]].concat()
    );
    for (instruction, rest) in &words {
        if matches!(*instruction, "VOLUME" | "ENTRYPOINT") {
            let list: Vec<String> = serde_json::from_str(rest).unwrap();
            assert!(list[0].starts_with('/'), "{rest}");
        }
    }
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    assert!(text.contains("--profile dist") && manifest.contains("[profile.dist]"));
    let toolchain = fs::read_to_string(repository().join("rust-toolchain.toml")).unwrap();
    assert!(text.contains("rust:1.95-") && toolchain.contains("1.95"), "{toolchain}");
    let user = words.iter().find(|(instruction, _)| *instruction == "USER").unwrap().1;
    let (user, _) = user.split_once(':').unwrap();
    for example in ["examples/sidecar/ecs/task-definition.tf", "examples/sidecar/kubernetes.yaml"] {
        assert!(fs::read_to_string(repository().join(example)).unwrap().contains(user), "{example}");
    }
}
