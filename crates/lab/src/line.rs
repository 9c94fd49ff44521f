//! Error texts for a `run` line or the arguments of `peerlab api`.

use super::reader::nearest;
use crate::cloud::{
    Argument, BEGIN_WITH_THE_OPERATION, Line, LineFault, OperationKind, Slip, WRITE_AN_OPERATION, read,
};
use crate::error::Span;

/// A fault of a line, with its span.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) hint: String,
}

/// Reads one operation.
pub(super) fn parse(line: &str) -> Result<Line, Fault> {
    read(line).map_err(|LineFault { span, what }| {
        let (message, hint) = words(&what);
        Fault { span, message, hint }
    })
}

/// The message, and what to do.
fn words(what: &Slip) -> (String, String) {
    match what {
        Slip::Empty => {
            let hint = WRITE_AN_OPERATION.to_owned();
            ("there is no operation here".to_owned(), hint)
        }
        Slip::OpenQuote => {
            let hint = "close it; names and CIDR blocks need no quotes".to_owned();
            ("a quote is opened and not closed".to_owned(), hint)
        }
        Slip::NoOperation { word } => {
            let hint = BEGIN_WITH_THE_OPERATION.to_owned();
            (format!("{word:?} stands where an operation must"), hint)
        }
        Slip::UnknownOperation { word } => {
            let hint = match nearest(word, OperationKind::ALL.iter().map(|kind| kind.name)) {
                Some(near) => format!("did you mean {near}?"),
                None => "`peerlab api --help` lists the operations".to_owned(),
            };
            (format!("there is no operation {word:?}"), hint)
        }
        Slip::UnknownOption { kind, word } => {
            let options = kind.arguments().filter_map(|argument| argument.option);
            let near = word.strip_prefix("--").and_then(|word| nearest(word, options));
            let hint = near.map_or_else(|| usage(kind), |near| format!("did you mean --{near}?"));
            let name = kind.name;
            (format!("{name} has no option {word:?}"), hint)
        }
        Slip::Extra { kind, word } => {
            let name = kind.name;
            (format!("{name} has no use for {word:?}"), usage(kind))
        }
        Slip::NoValue { kind, argument } => {
            let (name, option) = (kind.name, written(argument));
            (format!("{option} of {name} has no value"), usage(kind))
        }
        Slip::Twice { kind, argument } => {
            let (name, option) = (kind.name, written(argument));
            (format!("{option} of {name} is given twice"), "give it once".to_owned())
        }
        Slip::Both { kind, first, second } => {
            let (name, first, second) = (kind.name, written(first), written(second));
            (format!("{name} takes {first} or {second}, not both"), "leave one of the two out".to_owned())
        }
        Slip::Lacking { kind, arguments } => {
            let lacking = arguments.iter().map(|argument| with_value(argument)).collect::<Vec<_>>().join(", ");
            let name = kind.name;
            (format!("{name} lacks {lacking}"), usage(kind))
        }
    }
}

/// The usage of an operation, in one line.
fn usage(kind: &OperationKind) -> String {
    let argument = |argument: &'static Argument| match argument.required {
        true => with_value(argument),
        false => format!("[{}]", with_value(argument)),
    };
    let words = [kind.name.to_owned()].into_iter().chain(kind.arguments().map(argument));
    format!("write {}", words.collect::<Vec<_>>().join(" "))
}

fn with_value(argument: &Argument) -> String {
    match argument.option {
        Some(option) => format!("--{option} {}", argument.placeholder()),
        None => argument.placeholder(),
    }
}

/// Its option.
fn written(argument: &Argument) -> String {
    argument.option.map_or_else(|| argument.placeholder(), |option| format!("--{option}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: &str) -> (String, String, String) {
        let fault = parse(line).unwrap_err();
        (line[fault.span].to_owned(), fault.message, fault.hint)
    }

    #[test]
    fn each_argument_has_its_place() {
        let line = "create-route-entry --vpc=VPC1 --destination '172.16.0.0/16'  --next-hop ri-a";
        let parsed = parse(line).unwrap();
        let places: Vec<_> = parsed.places.iter().map(|(name, span)| (*name, &line[span.clone()])).collect();
        assert_eq!(places, [("vpc", "--vpc=VPC1"), ("destination", "'172.16.0.0/16'"), ("next-hop", "ri-a")]);
    }

    #[test]
    fn a_positional_has_its_fields_name() {
        let line = "authorize-security-group sg-a --protocol icmp --port -1/-1 --cidr 10.0.0.0/8";
        let parsed = parse(line).unwrap();
        assert_eq!(parsed.places[0], ("security_group", 25..29));
        assert_eq!(&line[parsed.places[2].1.clone()], "-1/-1");
    }

    #[test]
    fn an_unknown_operation_is_pointed_at_with_the_nearest_name() {
        let (at, message, hint) = fault("conect-router-interface ri-a");
        assert_eq!(at, "conect-router-interface");
        assert_eq!(message, "there is no operation \"conect-router-interface\"");
        assert_eq!(hint, "did you mean connect-router-interface?");
    }

    #[test]
    fn an_unknown_option_is_pointed_at() {
        let (at, message, hint) = fault("create-vpc V --region r --cdir 10.0.0.0/8");
        assert_eq!((at.as_str(), message.as_str()), ("--cdir", "create-vpc has no option \"--cdir\""));
        assert_eq!(hint, "did you mean --cidr?");
    }

    #[test]
    fn what_is_missing_is_named_in_one_line() {
        let (_, message, hint) = fault("create-vpc V");
        assert_eq!(message, "create-vpc lacks --region REGION, --cidr CIDR");
        assert_eq!(hint, "write create-vpc NAME --region REGION --cidr CIDR [--id ID] [--router-id ROUTER_ID]");
    }

    #[test]
    fn other_slips_are_one_line_each() {
        for line in [
            "",
            "  ",
            "--vpc x",
            "create-vpc 'V",
            "create-vpc V --region",
            "create-vpc V W --region r --cidr c",
            "create-vpc V --region r --region s --cidr c",
            "create-route-entry --table a --vpc b --destination c --next-hop d",
            "create-route-entry --destination c --next-hop d",
            "create-vpc --help",
            "help",
            "-h",
            "--version",
        ] {
            let (_, message, hint) = fault(line);
            assert!(!message.contains('\n') && !hint.contains('\n'), "{line}: {message} / {hint}");
            assert!(!message.contains("written so"), "{line}: {message}");
        }
    }
}
