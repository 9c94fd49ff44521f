//! The commands of a Markdown document, with their shown results.

/// A block of commands.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The line of the document at which it begins, from 1.
    pub(crate) line: usize,
    pub(crate) not_run: Option<String>,
    pub(crate) commands: Vec<Command>,
}

/// A command, as a reader types it.
#[derive(Debug, Default)]
pub(crate) struct Command {
    pub(crate) line: usize,
    pub(crate) text: String,
    /// The shown result; `None`: none is shown.
    pub(crate) result: Option<Vec<String>>,
    pub(crate) status: i32,
    pub(crate) interrupted: bool,
}

/// The directive in a comment before a block.
fn directive(line: &str) -> Option<(&str, &str)> {
    let said = line.strip_prefix("<!--")?.strip_suffix("-->")?.trim();
    let (word, rest) = said.split_once([' ', ':']).unwrap_or((said, ""));
    match word {
        "exit" | "interrupted" => Some((word, rest.trim())),
        "not" => Some(("not", rest.strip_prefix("run:")?.trim())),
        _ => None,
    }
}

/// The blocks of commands of a document.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut said: Vec<(&str, &str)> = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let Some(kind) = line.trim_start().strip_prefix("```") else {
            if let Some(found) = directive(line.trim()) {
                said.push(found);
            } else if !line.trim().is_empty() {
                said.clear();
            }
            continue;
        };
        let inside: Vec<_> = lines.by_ref().take_while(|(line, _)| !line.trim_start().starts_with("```")).collect();
        let mut commands = match kind {
            "sh" => shell(&inside),
            "console" => console(&inside),
            _ => Vec::new(),
        };
        let of = |word| said.iter().find(|(found, _)| *found == word).map(|(_, rest)| *rest);
        if let Some(last) = commands.last_mut() {
            last.status = of("exit").map_or(0, |status| status.parse().expect("an exit status"));
            last.interrupted = of("interrupted").is_some();
        }
        if !commands.is_empty() {
            blocks.push(Block { line: number, not_run: of("not").map(String::from), commands });
        }
        said.clear();
    }
    blocks
}

/// Every line is a command (within a list it may be indented); one that ends with a backslash goes on.
fn shell(lines: &[(&str, usize)]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    let mut goes_on = false;
    for (line, number) in lines {
        let text = line.strip_suffix('\\');
        match commands.last_mut().filter(|_| goes_on) {
            Some(command) => command.text += text.unwrap_or(line),
            None if line.trim().is_empty() || line.trim_start().starts_with('#') => continue,
            None => commands.push(Command {
                line: *number,
                text: text.unwrap_or(line).trim_start().to_string(),
                ..Command::default()
            }),
        }
        goes_on = text.is_some();
    }
    commands
}

/// A line that begins with `$ ` is a command, what follows is its result.
fn console(lines: &[(&str, usize)]) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for (line, number) in lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(text), _) => commands.push(Command {
                line: *number,
                text: text.to_string(),
                result: Some(Vec::new()),
                ..Command::default()
            }),
            (None, Some(command)) => command.result.get_or_insert_default().push((*line).to_string()),
            (None, None) => panic!("line {number}: a console block begins with a command"),
        }
    }
    commands
}

/// The document with new results below the commands at these lines, each replacing a number of lines.
pub(crate) fn with_results(text: &str, results: &[(usize, usize, String)]) -> String {
    let mut whole = String::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        whole += &format!("{line}\n");
        for (_, shown, result) in results.iter().filter(|(at, ..)| *at == number) {
            lines.by_ref().take(*shown).for_each(drop);
            whole += result;
            // An empty line before the next command of the block.
            if text.lines().nth(number + shown).is_some_and(|next| next.starts_with("$ ")) && !result.ends_with("\n\n")
            {
                whole.push('\n');
            }
        }
    }
    whole
}

/// Compares the real result with the shown one; `Err` is the first shown line that is missing.
pub(crate) fn compare(shown: &[String], real: &str) -> Result<(), String> {
    let plain = |line: &str| padding_out(&times_out(line.trim_end()));
    let shown: Vec<_> = shown.iter().map(|line| plain(line)).collect();
    // Empty lines at the end separate commands.
    let end = shown.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
    let mut real = real.lines().map(plain).peekable();
    let mut anything = false;
    for line in &shown[..end] {
        if line.trim() == "…" {
            anything = true;
            continue;
        }
        let found = if anything { real.any(|it| it == *line) } else { real.next().is_some_and(|it| it == *line) };
        if !found {
            return Err(line.clone());
        }
        anything = false;
    }
    match real.find(|line| !line.is_empty()) {
        Some(more) if !anything => Err(format!("(nothing more, but there comes {more:?})")),
        _ => Ok(()),
    }
}

/// The line with two spaces between columns, however wide they are: a longer time widens its column in every line.
fn padding_out(line: &str) -> String {
    let text = line.trim_start();
    let columns: Vec<_> = text.split("  ").map(str::trim).filter(|column| !column.is_empty()).collect();
    format!("{}{}", &line[..line.len() - text.len()], columns.join("  "))
}

/// The line with every time replaced by `#ms`, because times vary. The spaces after them pad tables.
fn times_out(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(|it: char| it.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        let length = number.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(number.len());
        let unit = number[length..].trim_start_matches(' ');
        text += before;
        match ["ms", "s,", "s "].iter().find(|it| unit.starts_with(**it) || unit == it.trim_end_matches([',', ' '])) {
            Some(it) => {
                text += "#";
                text += it.trim_end_matches([',', ' ']);
                let after = &unit[it.trim_end_matches([',', ' ']).len()..];
                rest = after.trim_start_matches(' ');
                if rest.len() < after.len() {
                    text.push(' ');
                }
            }
            None => {
                text += &number[..length];
                rest = &number[length..];
            }
        }
    }
    text + rest
}

#[test]
fn blocks_are_found_with_what_is_said_of_them() {
    let text = "a\n<!-- exit 1 -->\n```console\n$ one\nresult\n$ two\n```\n\n```sh\nthree \\\n  more\n# no command\n\nfour\n```\n\
                <!-- not run: no machine -->\n```sh\nfive\n```\n<!-- exit 1 -->\nwords\n```sh\nsix\n```\n```toml\nx\n```\n";
    let found: Vec<_> = blocks(text)
        .into_iter()
        .flat_map(|block| {
            let why = block.not_run.unwrap_or_default();
            block.commands.into_iter().map(move |it| (it.line, it.text, it.status, why.clone()))
        })
        .collect();
    let wanted = [
        (4, "one", 0, ""),
        (6, "two", 1, ""),
        (10, "three   more", 0, ""),
        (14, "four", 0, ""),
        (18, "five", 0, "no machine"),
        (23, "six", 0, ""),
    ];
    assert_eq!(found, wanted.map(|(line, text, status, why)| (line, text.into(), status, why.into())));
}

#[test]
fn a_result_is_compared_but_for_times_and_what_is_left_out() {
    let shown = |text: &str| text.lines().map(String::from).collect::<Vec<_>>();
    assert_eq!(compare(&shown("a ✓ 0.09ms  ·\nb\n\n"), "a ✓ 12.1ms ·\nb\n"), Ok(()));
    assert_eq!(compare(&shown("to  a   b\na   ·   0.09ms"), "to  a   b\na   ·   14.60ms\n"), Ok(()));
    assert_eq!(compare(&shown("to  a       b\na   0.09ms  ·"), "to  a        b\na   14.60ms  ·\n"), Ok(()));
    assert!(compare(&shown("  a"), "a").is_err());
    assert_eq!(compare(&shown("a\n…\nd"), "a\nb\nc\nd\n"), Ok(()));
    assert_eq!(compare(&shown("a\n…"), "a\nb\n"), Ok(()));
    assert_eq!(compare(&shown("in 4 steps"), "in 5 steps\n"), Err("in 4 steps".into()));
    assert!(compare(&shown("a"), "a\nb\n").is_err());
    assert!(compare(&shown("a\nb"), "a\n").is_err());
}
