use super::layout::Rect;
use super::*;
use crate::lab;
use crate::language::Language;

/// A lab of `vpcs` VPCs of `accounts` accounts with two instances each, joined by `links`. Every fifth peering lacks
/// one half, and every third the route back.
fn lab_text(vpcs: usize, accounts: usize, links: &[(usize, usize)]) -> String {
    let mut text = String::from("[lab]\nname = \"shape\"\nprovider = \"jdcloud\"\n");
    (0..accounts).for_each(|n| text += &format!("[account.team{n}]\n"));
    let mut routes = vec![Vec::new(); vpcs];
    for (nth, (a, b)) in links.iter().enumerate() {
        text += &format!("[peering.p{a}-{b}]\nlocal = \"v{a}\"\npeer = \"v{b}\"\n");
        if nth % 5 != 4 {
            text += &format!("[peering.p{b}-{a}]\nlocal = \"v{b}\"\npeer = \"v{a}\"\n");
            routes[*a].push(format!("{{ to = \"10.{b}.0.0/16\", via = \"p{a}-{b}\" }}"));
            if nth % 3 != 2 {
                routes[*b].push(format!("{{ to = \"10.{a}.0.0/16\", via = \"p{b}-{a}\" }}"));
            }
        }
    }
    for (at, routes) in routes.iter().enumerate() {
        text +=
            &format!("[vpc.v{at}]\naccount = \"team{}\"\nregion = \"r\"\ncidr = \"10.{at}.0.0/16\"\n", at % accounts);
        text += &format!("routes = [{}]\n[vpc.v{at}.subnet.s]\ncidr = \"10.{at}.1.0/24\"\n", routes.join(", "));
        for n in [1, 2] {
            text += &format!("[instance.i{at}-{n}]\nsubnet = \"v{at}/s\"\n");
        }
    }
    text
}

fn cloud(text: &str) -> Cloud {
    lab::read(Source::new("lab.toml", text.to_owned())).unwrap().build().unwrap().0
}

fn svg(text: &str, language: Language) -> String {
    let caption = Caption { lab: "shape".into(), language, ..Caption::default() };
    draw(&cloud(text), Protocol::Icmp, caption, None, Format::Svg)
}

fn rings(vpcs: usize) -> Vec<(usize, usize)> {
    (0..vpcs).filter(|_| vpcs > 2).map(|at| (at, (at + 1) % vpcs)).collect()
}

fn stars(vpcs: usize) -> Vec<(usize, usize)> {
    // A VPC has ten peerings at most: hubs of hubs.
    (1..vpcs).map(|at| ((at - 1) / 9, at)).collect()
}

fn meshes(vpcs: usize) -> Vec<(usize, usize)> {
    let near = |a: usize, b: usize| b - a <= 5 || a + vpcs - b <= 5;
    (0..vpcs).flat_map(|a| (a + 1..vpcs).map(move |b| (a, b))).filter(|(a, b)| near(*a, *b)).collect()
}

/// The rectangles of a class.
fn rects(document: &roxmltree::Document, class: &str) -> Vec<Rect> {
    let nodes = document.descendants().filter(|node| node.attribute("class") == Some(class));
    let number = |node: roxmltree::Node, name| node.attribute(name).unwrap().parse::<f64>().unwrap();
    nodes
        .map(|it| Rect { x: number(it, "x"), y: number(it, "y"), w: number(it, "width"), h: number(it, "height") })
        .collect()
}

#[test]
fn pictures_of_every_shape_are_whole() {
    for (nth, shape) in [rings, stars, meshes].into_iter().enumerate() {
        // The layout's tests cover a mesh of fifty.
        let largest = if nth == 2 { 12 } else { 50 };
        let sizes = [(2, 2), (5, 1), (10, 3), (12, 1), (50, 4)].into_iter().filter(|it| it.0 <= largest);
        let languages = [Language::English, Language::Chinese];
        for ((vpcs, accounts), language) in sizes.flat_map(|size| languages.map(|language| (size, language))) {
            let text = svg(&lab_text(vpcs, accounts, &shape(vpcs)), language);
            let document = roxmltree::Document::parse(&text).unwrap();
            let root = document.root_element();
            let view: Vec<f64> = root.attribute("viewBox").unwrap().split(' ').map(|it| it.parse().unwrap()).collect();
            let shift = root.children().find_map(|node| node.attribute("transform")).unwrap();
            let shift: Vec<f64> = shift
                .trim_start_matches("translate(")
                .trim_end_matches(')')
                .split(' ')
                .map(|it| it.parse().unwrap())
                .collect();
            let whole = Rect { x: 0.0, y: 0.0, w: view[2], h: view[3] };
            let inside =
                |rect: &Rect| whole.around(Rect { x: rect.x + shift[0], y: rect.y + shift[1], ..*rect }) == whole;
            let boxes = rects(&document, "box");
            assert_eq!(boxes.len(), vpcs);
            for (index, one) in boxes.iter().enumerate() {
                assert!(inside(one), "{vpcs}: a box is cut off");
                assert!(boxes[..index].iter().all(|other| !other.overlaps(*one)), "{vpcs}: boxes overlap");
            }
            for class in ["subnet", "host", "dot"] {
                for small in rects(&document, class).iter().filter(|it| it.x > 10.0) {
                    assert!(boxes.iter().any(|it| it.around(*small) == *it), "{vpcs}: a {class} is in no VPC");
                }
            }
            for frame in rects(&document, "frame") {
                assert!(inside(&frame) && boxes.iter().all(|it| !it.overlaps(frame) || frame.around(*it) == frame));
            }
            assert!(rects(&document, "plate").iter().all(inside), "{vpcs}: a label is cut off");
        }
    }
}

#[test]
fn what_is_broken_has_a_colour_and_a_sign() {
    let text = svg(&lab_text(6, 1, &rings(6)), Language::English);
    let document = roxmltree::Document::parse(&text).unwrap();
    let of = |class: &str| document.descendants().filter(|it| it.attribute("class") == Some(class)).collect::<Vec<_>>();
    let texts = |it: &roxmltree::Node| it.descendants().filter_map(|it| it.text()).collect::<String>();
    // Peering 5 of 6 lacks its other half; peerings 3 and 6 lack a route.
    assert_eq!((of("line broken silent").len(), of("line broken").len(), of("line good").len()), (1 + 1, 2 + 1, 3 + 1));
    let labels: Vec<_> = of("label broken").iter().map(texts).collect();
    assert!(labels.iter().all(|label| label.contains('✗')), "{labels:?}");
    assert!(labels.iter().any(|label| label.contains("no half from v5")), "{labels:?}");
    assert!(labels.iter().any(|label| label.contains("no-public-ip")), "{labels:?}");
    assert!(text.contains(".silent .wire { stroke-dasharray"));
}

#[test]
fn the_same_lab_gives_the_same_bytes() {
    let text = lab_text(12, 3, &meshes(12));
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Html) {
        let draw = || draw(&cloud(&text), Protocol::Icmp, Caption::default(), None, format);
        assert_eq!(draw(), draw());
    }
    let small = cloud(&lab_text(4, 2, &rings(4)));
    let page = || draw(&small, Protocol::Icmp, Caption::default(), None, Format::Html);
    assert_eq!(page(), page());
}

/// Instances and peerings lead to a page of pairs, if there is one; an image has no links.
#[test]
fn a_picture_has_links_if_it_has_a_page_for_them() {
    let cloud = cloud(&lab_text(2, 1, &[(0, 1)]));
    let drawn = |links: Option<&str>| {
        let caption = Caption { lab: "t".into(), links: links.map(str::to_owned), ..Caption::default() };
        draw(&cloud, Protocol::Icmp, caption, None, Format::Svg)
    };
    let with = drawn(Some("pairs"));
    let document = roxmltree::Document::parse(&with).unwrap();
    let links: Vec<_> =
        document.descendants().filter_map(|it| Some((it.attribute("href")?, it.attribute("aria-label")?))).collect();
    assert_eq!(links.len(), 5, "{links:?}");
    assert!(
        links.contains(&("pairs?from=i0-1", "i0-1")) && links.contains(&("pairs?from=i0-1&to=i1-1", "i0-1 → i1-1")),
        "{links:?}"
    );
    assert_eq!(document.root_element().attribute("role"), Some("group"));
    let without = drawn(None);
    assert!(!without.contains("<a ") && without.contains("role=\"img\""));
}

#[test]
fn a_title_is_text_in_every_format() {
    let title = "</script><b>\"quoted\" & {{data}} \\ \u{1} ]]> -- end";
    let caption = || Caption { lab: "t".into(), title: Some(title.into()), ..Caption::default() };
    let cloud = cloud(&lab_text(2, 1, &[(0, 1)]));
    let all = Format::ALL.map(|format| draw(&cloud, Protocol::Icmp, caption(), None, format));
    let [svg, html, mermaid, dot] = &all;
    let document = roxmltree::Document::parse(svg).unwrap();
    let shown = document.descendants().find(|it| it.attribute("class") == Some("title")).unwrap();
    assert_eq!(shown.text().unwrap(), title.replace('\u{1}', "\u{fffd}"));
    assert_eq!(html.matches("</script>").count(), 2, "only the page's own scripts end");
    assert!(!html.contains("<b>\""));
    assert_eq!(
        mermaid.lines().nth(1).unwrap(),
        format!("title: {}", serde_json::Value::from(title.replace('\u{1}', " ")))
    );
    assert!(dot.contains(r#"\"quoted\" &amp; {{data}} \\"#));
}

#[test]
fn a_page_of_a_big_lab_stays_small() {
    let page = draw(&cloud(&lab_text(16, 2, &stars(16))), Protocol::Icmp, Caption::default(), None, Format::Html);
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let whys = data["whys"].as_array().unwrap().len();
    let pairs = 32 * 31;
    assert_eq!(data["cells"].as_array().unwrap().len(), 32);
    assert!(whys * 3 < pairs, "{whys} explanations for {pairs} pairs");
    assert!(page.len() < 500_000, "{} bytes", page.len());
}
