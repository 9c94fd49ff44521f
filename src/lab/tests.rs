use proptest::prelude::*;

use super::*;

fn read_text(text: &str) -> Result<Lab, Errors> {
    read(Source::new("test.toml", text))
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        let _ = read_text(&text);
    }

    #[test]
    fn arbitrary_toml_like_text_never_panics(
        lines in prop::collection::vec(
            prop_oneof![
                "\\[{1,2}(lab|vpc|vpc\\.V|vpc\\.V\\.subnet\\.s|account\\.A|step|step\\.check|check|instance\\.i)\\]{0,2}",
                "(name|provider|account|region|cidr|routes|run|from|to|expect|because|opposite|title|a\\.b) ?= ?(\"[ -~é\n]{0,12}\"?|\\[|\\{ to = \"x\"|true|[0-9]{1,20}|1\\.5|1979-05-27)",
                "[\\[\\]{}=\",#'\\\\\\x00\\x1b\r]{0,8}",
                "provider = \"(alibaba|jdcloud)\"",
            ],
            0..20,
        )
    ) {
        let _ = read_text(&lines.join("\n"));
    }
}
