//! Error texts for a `run` line or the arguments of `peerlab api`.

mod messages;

use super::reader::nearest;
use crate::cloud::{Argument, Line, LineFault, OperationKind, Slip, Wanted, did_you_mean, left_out, read};
use crate::error::Span;
use crate::message::Message;
use crate::msg;
use messages::Said;

/// A fault of a line, with its span.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) message: Message,
    pub(super) hint: Message,
}

/// Reads one operation.
pub(super) fn parse(line: &str) -> Result<Line, Fault> {
    read(line).map_err(|LineFault { span, what }| {
        let (message, hint) = words(&what);
        Fault { span, message, hint }
    })
}

/// The message, and what to do.
fn words(what: &Slip) -> (Message, Message) {
    match what {
        Slip::Empty => {
            let hint = msg!(Wanted::Write);
            (msg!(Said::NoOperation), hint)
        }
        Slip::OpenQuote => {
            let hint = msg!(Said::CloseQuote);
            (msg!(Said::OpenQuote), hint)
        }
        Slip::NoOperation { word } => {
            let hint = msg!(Wanted::Begin);
            (msg!(Said::NotAnOperation { word }), hint)
        }
        Slip::UnknownOperation { word } => {
            let near = || nearest(word, OperationKind::ALL.iter().map(|kind| kind.name)).map(did_you_mean);
            let hint = left_out(word).or_else(near).unwrap_or_else(|| msg!(Said::HelpLists));
            (msg!(Said::UnknownOperation { word }), hint)
        }
        Slip::UnknownOption { kind, word } => {
            let options = kind.arguments().filter_map(|argument| argument.option);
            let name = kind.name;
            let near = || {
                let near = nearest(word.strip_prefix("--")?, options)?;
                Some(msg!(Said::DidYouMeanOption { option: near }))
            };
            let hint = left_out(&format!("{name} {word}")).or_else(near).unwrap_or_else(|| usage(kind));
            (msg!(Said::NoSuchOption { operation: name, option: word }), hint)
        }
        Slip::Extra { kind, word } => {
            let name = kind.name;
            (msg!(Said::NoUseFor { operation: name, word }), usage(kind))
        }
        Slip::NoValue { kind, argument } => {
            let (name, option) = (kind.name, written(argument));
            (msg!(Said::NoValue { option, operation: name }), usage(kind))
        }
        Slip::Twice { kind, argument } => {
            let (name, option) = (kind.name, written(argument));
            (msg!(Said::Twice { option, operation: name }), msg!(Said::GiveOnce))
        }
        Slip::Both { kind, first, second } => {
            let (name, first, second) = (kind.name, written(first), written(second));
            (msg!(Said::NotBoth { operation: name, first, second }), msg!(Said::LeaveOneOut))
        }
        Slip::Lacking { kind, arguments } => {
            let lacking = arguments.iter().map(|argument| with_value(argument));
            let name = kind.name;
            (msg!(Said::Lacks { operation: name, lacking: lacking }), usage(kind))
        }
    }
}

/// The usage of an operation, in one line.
fn usage(kind: &OperationKind) -> Message {
    let argument = |argument: &'static Argument| match argument.required {
        true => with_value(argument),
        false => format!("[{}]", with_value(argument)),
    };
    let words = [kind.name.to_owned()].into_iter().chain(kind.arguments().map(argument));
    msg!(Said::Usage { usage: words.collect::<Vec<_>>().join(" ") })
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
        (line[fault.span].to_owned(), fault.message.to_string(), fault.hint.to_string())
    }

    #[test]
    fn each_argument_has_its_place() {
        let line = "create-route-entry --vpc=VPC1 --destination '172.16.0.0/16'  --next-hop ri-a";
        let parsed = parse(line).unwrap();
        let places: Vec<_> = parsed.values.iter().map(|value| (value.argument, &line[value.span.clone()])).collect();
        assert_eq!(places, [("vpc", "--vpc=VPC1"), ("destination", "'172.16.0.0/16'"), ("next-hop", "ri-a")]);
        let texts: Vec<_> = parsed.values.iter().map(|value| &*value.text).collect();
        assert_eq!(texts, ["VPC1", "172.16.0.0/16", "ri-a"]);
    }

    #[test]
    fn a_positional_has_its_fields_name() {
        let line = "authorize-security-group sg-a --protocol icmp --port -1/-1 --cidr 10.0.0.0/8";
        let parsed = parse(line).unwrap();
        assert_eq!((parsed.values[0].argument, parsed.values[0].span.clone()), ("security_group", 25..29));
        assert_eq!(parsed.values[2].text, "-1/-1");
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
    fn what_peerlab_leaves_out_is_said_with_its_reason() {
        for (line, why) in [
            ("create-vpn-gateway v --vpc V", "peerlab has no on-premises networks: "),
            ("create-vpc V --region r --cidr 10.0.0.0/8 --ipv6-cidr fd00::/48", "peerlab models IPv4 only: "),
            ("create-security-group sg --vpc V --type enterprise", "peerlab has basic groups only: "),
        ] {
            let (_, _, hint) = fault(line);
            assert!(hint.starts_with(why), "{line}: {hint}");
        }
    }

    #[test]
    fn what_is_missing_is_named_in_one_line() {
        let (_, message, hint) = fault("create-vpc V");
        assert_eq!(message, "create-vpc lacks --region REGION, --cidr CIDR");
        assert_eq!(
            hint,
            "write create-vpc NAME --region REGION --cidr CIDR [--id ID] [--router-id ROUTER_ID] [--mtu MTU]"
        );
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
