//! `rolecall graph`: a picture of who may become which role.

mod dot;
mod layout;
mod mermaid;
mod model;
mod svg;

use std::path::PathBuf;

use self::model::Graph;
use crate::command::check::{Inputs, with_room};
use crate::exit::Exit;
use crate::failure::{Failure, Kind};
use crate::out::Out;

const EXAMPLES: &str = "\
Examples:
  rolecall graph infra/ --output graph.svg
  rolecall graph infra/ --format mermaid
  rolecall graph 111111111111=infra/workload 222222222222=infra/target --format dot | dot -Tpdf > graph.pdf

It reads what `rolecall check` reads. Each account is a box. An arrow leads from whoever assumes a role to the role:

  solid   both sides agree
  dashed  one side agrees, or something denies it
  red     from outside: an account that is not here, or anyone

Exit codes of this command: 0 drawn; 3 the input or the command line is wrong.";

/// Draw who may become which role: accounts, roles, users, services and what runs as a role
///
/// Reads Terraform as `rolecall check` does, without `terraform init`, without credentials and without calling anything.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    inputs: Inputs,

    /// What to write
    #[arg(long, value_enum, default_value = "svg")]
    format: Format,

    /// Write it to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// A picture, for light and dark
    Svg,
    /// A flowchart in Mermaid's language, which GitHub and GitLab draw
    Mermaid,
    /// For Graphviz
    Dot,
}

/// Runs it.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    with_room(|| draw(args, out))
}

fn draw(args: &Args, out: &mut Out) -> Result<Exit, Failure> {
    let (infrastructure, report) = args.inputs.report(out)?;
    for problem in &infrastructure.problems {
        let text = rolecall_terraform::check::shown(&infrastructure, &problem.message);
        out.warning(format_args!("{}: {text}", infrastructure.sources.show(problem.place)));
    }
    let graph = Graph::of(&infrastructure, &report);
    let picture = match args.format {
        Format::Svg => svg::draw(&graph),
        Format::Mermaid => mermaid::write(&graph),
        Format::Dot => dot::write(&graph),
    };
    match &args.output {
        Some(path) => std::fs::write(path, picture).map_err(|error| {
            Failure::new(Kind::Other, format!("`{}` cannot be written: {error}", path.display()))
        })?,
        None => out.line(picture.trim_end())?,
    }
    Ok(Exit::Success)
}
