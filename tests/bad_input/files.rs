//! Lab files of any size and shape.

use std::fs;

use crate::soon;
use crate::support::{CROSS, Machine, SMALL};

#[test]
fn a_file_of_any_size_and_shape_is_judged_soon() {
    let machine = Machine::new();
    let most = 4 << 20;
    let lines = 1 << 20;
    let fill = |line: &str| line.repeat(lines / line.len());
    let files = [
        ("arrays", "[".repeat(100_000)),
        ("arrays of a value", format!("a = {}", "[".repeat(100_000))),
        ("tables in tables", format!("a = {}", "{ a = ".repeat(100_000))),
        ("a long key", format!("a{} = 1", ".a".repeat(100_000))),
        ("a long header", format!("[a{}]", ".a".repeat(100_000))),
        ("a long word", "x".repeat(most)),
        ("a long string", format!("[lab]\nname = \"{}\"", "x".repeat(most - 100))),
        ("the same key on every line", fill("a = 1\n")),
        ("the same header on every line", fill("[lab]\n")),
        ("a step on every line", fill("[[step]]\n")),
        ("a check on every line", fill("[[check]]\nfrom = \"a\"\n")),
        ("an unknown key on every line", (0..lines / 16).map(|n| format!("k{n} = 1\n")).collect()),
        ("a vpc on every line", (0..lines / 24).map(|n| format!("[vpc.v{n}]\n")).collect()),
        (
            "an instance on every line",
            format!(
                "{SMALL}{}",
                (0..10_000).map(|n| format!("[instance.i{n}]\nsubnet=\"VPC1/s1\"\n")).collect::<String>()
            ),
        ),
        ("no TOML on any line", fill("this is not TOML\n")),
        ("a quote on every line", fill("a = \"\n")),
        ("zeros", "\0".repeat(most)),
        ("one byte too many", "#".repeat(most + 1)),
        ("ten million bytes", "# nothing\n".repeat(1_000_000)),
        ("a huge number", CROSS.replace("Mini.2", &"9".repeat(100_000))),
        (
            "a huge priority",
            format!(
                "{SMALL}[security_group.g]\nvpc = \"VPC1\"\nrules = [{{ from = \"0.0.0.0/0\", priority = {} }}]",
                "9".repeat(1000)
            ),
        ),
    ];
    for (what, text) in files {
        machine.file("bad.toml", &text);
        let run = soon(&machine, "validate bad.toml");
        assert!(run.stderr.starts_with("error"), "{what}: {}", &run.stderr[..run.stderr.len().min(500)]);
        assert!(run.stderr.len() < 4 << 20, "{what}: {} bytes of errors", run.stderr.len());
        assert!(run.ended_with(2) || run.ended_with(3), "{what}: {}", &run.stderr[..run.stderr.len().min(500)]);
    }
    assert!(soon(&machine, "validate bad.toml --json").error()["code"].is_string());
}

#[test]
fn what_is_no_file_of_text_is_refused_soon() {
    let machine = Machine::new();
    soon(&machine, "validate /dev/zero").exits(2).tells("larger than a lab file may be");
    soon(&machine, "validate /run/test").exits(2).tells("it is a directory");
    soon(&machine, "validate /proc/self/mem").exits(2).tells("cannot read /proc/self/mem");
    fs::write("/run/test/latin.toml", b"[lab]\nname = \"caf\xe9\"\n").unwrap();
    soon(&machine, "validate latin.toml").exits(2).tells("is not UTF-8 text");
    fs::write("/run/test/utf16.toml", b"\xff\xfe[\0l\0a\0b\0]\0").unwrap();
    soon(&machine, "validate utf16.toml").exits(2).tells("is not UTF-8 text");
    soon(&machine, "up /dev/null").exits(2);
    // Files with Windows line endings are valid.
    machine.file("windows.toml", &CROSS.replace('\n', "\r\n"));
    soon(&machine, "validate windows.toml").exits(0);
    machine.file("bom.toml", &format!("\u{feff}{CROSS}"));
    soon(&machine, "validate bom.toml").exits(0);
}

/// Every verb that reads a lab file reads it as `validate` does.
#[test]
fn every_verb_that_reads_a_file_judges_it_soon() {
    let machine = Machine::new();
    let untouched = machine.snapshot();
    let files: [(&str, Vec<u8>); 6] = [
        ("nested", format!("a = {}", "[{ a = ".repeat(100_000)).into()),
        ("large", "# nothing\n".repeat(1_000_000).into()),
        ("zeros", vec![0; 1 << 20]),
        ("bytes", (0..1 << 16).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("numbers", CROSS.replace("Mini.2", &"9".repeat(100_000)).into()),
        ("escapes", CROSS.replace("VPC1", "\u{1b}[2J\u{9b}31m\u{202e}").into()),
    ];
    for (what, content) in files {
        fs::write("/run/test/bad.toml", content).unwrap();
        for verb in [
            "validate bad.toml",
            "plan bad.toml",
            "plan bad.toml --name other",
            "up bad.toml --no-verify",
            "up bad.toml --name other",
            "explain -f bad.toml ecs-a ecs-b",
            "graph -f bad.toml",
            "test bad.toml",
            "test --mutate bad.toml",
            "down bad.toml",
        ] {
            let run = soon(&machine, verb);
            assert!(run.ended_with(2) || run.ended_with(3), "{what}: {verb}: {:.500}", run.stderr);
            assert!(run.stderr.contains("error"), "{what}: {verb}: {:.500}", run.stderr);
        }
    }
    // It describes lab files and reads none.
    soon(&machine, "schema bad.toml").exits(2);
    fs::remove_file("/run/test/bad.toml").unwrap();
    machine.is_as(&untouched, "bad files");
}
