//! The recipes for other systems: packages, the container image, GitHub, GitLab, devcontainers. Their syntax, what they refer
//! to, and those of their scripts that can run here.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)] // a test's own files and programs

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use saphyr::{LoadableYamlNode, Yaml};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The only document of a YAML text.
fn yaml<'t>(text: &'t str, place: &str) -> Yaml<'t> {
    let mut documents = Yaml::load_from_str(text).unwrap_or_else(|error| panic!("{place}: {error}"));
    assert_eq!(documents.len(), 1, "{place}");
    documents.remove(0)
}

/// The texts of a list.
fn texts(list: &Yaml<'_>) -> Vec<String> {
    list.as_sequence().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// Whether a shell can read a script.
fn is_script(shell: &str, script: &str) {
    let mut child = Command::new(shell).arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The blocks of a language in a Markdown document.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    text.split(&begin).skip(1).map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_blocks_of_the_documents_are_yaml_and_json() {
    let mut seen = 0;
    for document in ["docs/ci.md", "docs/how-to/install.md"] {
        let text = read(document);
        for block in blocks(&text, "yaml") {
            yaml(&block, document);
            seen += 1;
        }
        for block in blocks(&text, "json") {
            let _: serde_json::Value =
                serde_json::from_str(&block).unwrap_or_else(|error| panic!("{document}: {error}"));
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen}");
}

/// Its inputs are those that it uses, and its scripts are bash.
#[test]
fn the_github_action_is_whole() {
    let text = read("action.yml");
    let action = yaml(&text, "action.yml");
    assert_eq!(action["runs"]["using"].as_str(), Some("composite"));
    let inputs: Vec<_> = action["inputs"].as_mapping().unwrap().keys().map(|key| key.as_str().unwrap()).collect();
    for used in text.split("${{ inputs.").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
        assert!(inputs.contains(&used), "{used}");
    }
    for input in inputs {
        assert!(text.contains(&format!("${{{{ inputs.{input} }}}}")), "{input} is used nowhere");
    }
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    assert!(steps.iter().any(|step| step["run"].as_str().unwrap().starts_with("peerlab test $LABS --junit")));
    for step in steps {
        assert_eq!(step["shell"].as_str(), Some("bash"));
        is_script("bash", step["run"].as_str().unwrap());
    }
}

#[test]
fn the_gitlab_template_is_whole() {
    let text = read("packaging/gitlab-ci.yml");
    let template = yaml(&text, "gitlab-ci.yml");
    for job in ["peerlab-files", "peerlab-labs"] {
        assert_eq!(template[job]["extends"].as_str(), Some(".peerlab"));
        texts(&template[job]["script"]).iter().for_each(|line| is_script("sh", line));
    }
    assert!(
        texts(&template["peerlab-labs"]["script"])
            .contains(&"peerlab test $PEERLAB_LABS --junit peerlab.xml".to_owned())
    );
    texts(&template[".peerlab"]["before_script"]).iter().for_each(|script| is_script("sh", script));
}

#[test]
fn what_the_packages_take_from_the_repository_is_there() {
    let text = read("packaging/nfpm.yaml");
    let description = yaml(&text, "nfpm.yaml");
    let contents = description["contents"].as_sequence().unwrap();
    let text_of = |it: &Yaml<'_>, key: &str| it.as_mapping_get(key)?.as_str().map(str::to_owned);
    // A link leads to another place in the package.
    let (links, copied): (Vec<_>, Vec<_>) =
        contents.iter().partition(|it| text_of(it, "type").is_some_and(|kind| kind == "symlink"));
    for link in links {
        let to = text_of(link, "src").unwrap();
        assert!(copied.iter().any(|it| text_of(it, "dst").is_some_and(|dst| dst.trim_end_matches('/') == to)), "{to}");
    }
    let sources = copied.iter().filter_map(|it| it.as_mapping_get("src")?.as_str());
    let scripts = description["scripts"].as_mapping().unwrap().values().map(|it| it.as_str().unwrap());
    for path in sources.chain(scripts.clone()).filter(|path| !path.starts_with("${")) {
        let folder = Path::new(path).parent().unwrap();
        let (before, after) =
            Path::new(path).file_name().unwrap().to_str().unwrap().split_once('*').unwrap_or((path, ""));
        let is_meant = |name: &str| path.contains('*') && name.starts_with(before) && name.ends_with(after);
        let mut entries = fs::read_dir(repository().join(folder)).unwrap().map(|it| it.unwrap().file_name());
        let is_there = repository().join(path).exists() || entries.any(|name| is_meant(name.to_str().unwrap()));
        assert!(is_there, "{path}");
    }
    for script in scripts {
        is_script("sh", &read(script));
        assert_eq!(fs::metadata(repository().join(script)).unwrap().permissions().mode() & 0o111, 0o111, "{script}");
    }
}

/// The options with which a container lets an ordinary user's labs run are the same wherever they are named.
#[test]
fn the_options_of_containers_are_everywhere_the_same() {
    let options = ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"];
    let devcontainer: serde_json::Value = serde_json::from_str(&read(".devcontainer/devcontainer.json")).unwrap();
    let arguments: Vec<_> = devcontainer["runArgs"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    let wanted: Vec<_> = options.iter().flat_map(|option| ["--security-opt", option]).collect();
    assert_eq!(arguments, wanted);
    let all = options.map(|option| format!("--security-opt {option}")).join(" ");
    for document in ["docs/how-to/install.md", "docs/how-to/host.md", "crates/linux/src/rootless/messages.rs"] {
        assert!(read(document).contains(&all), "{document} has not: {all}");
    }
}

/// A release whose peerlab is a script that says that it is one.
struct Release {
    folder: PathBuf,
}

impl Release {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("recipes-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let name = format!("peerlab-9.9.9-{}-linux", std::env::consts::ARCH);
        fs::create_dir_all(folder.join(&name)).unwrap();
        let binary = folder.join(&name).join("peerlab");
        fs::write(&binary, "#!/bin/sh\necho peerlab 9.9.9\n").unwrap();
        fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
        let release = Release { folder };
        release.shell(&format!(
            "tar -czf {name}.tar.gz {name} && rm -r {name} && echo rest >peerlab_9.9.9-1_amd64.deb && sha256sum ./* >SHA256SUMS"
        ));
        release
    }

    /// Runs a command in its folder.
    fn shell(&self, command: &str) -> Output {
        let output = Command::new("bash").args(["-ec", command]).current_dir(&self.folder).output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// Runs packaging/install for this release.
    fn install(&self, from: &str) -> Output {
        let script = repository().join("packaging/install");
        Command::new(script).args([from, self.folder.join("bin").to_str().unwrap()]).output().unwrap()
    }
}

impl Drop for Release {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether curl is here.
fn curl() -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("NOT TESTED: downloads, for want of curl");
    }
    there
}

#[test]
fn a_release_is_installed_from_a_folder_and_from_an_address() {
    let release = Release::new("install");
    let folder = release.folder.to_str().unwrap().to_owned();
    let mut sources = vec![folder.clone()];
    if curl() {
        sources.push(format!("file://{folder}"));
    }
    for from in sources {
        let output = release.install(&from);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.starts_with("peerlab 9.9.9\n"), "{from}: {output:?}");
        fs::remove_file(release.folder.join("bin/peerlab")).unwrap();
    }
}

#[test]
fn a_download_that_was_changed_is_not_installed() {
    let release = Release::new("changed");
    release.shell("echo more >>peerlab-9.9.9-*.tar.gz");
    let output = release.install(release.folder.to_str().unwrap());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("is not what SHA256SUMS says"), "{said}");
    assert!(!release.folder.join("bin").exists());
}

/// As its runner would, with a release in a folder.
#[test]
fn the_gitlab_template_installs_a_release() {
    if !curl() {
        return;
    }
    let release = Release::new("gitlab");
    let text = read("packaging/gitlab-ci.yml");
    let script = texts(&yaml(&text, "gitlab-ci.yml")[".peerlab"]["before_script"]).join("\n");
    let address = format!("file://{}", release.folder.display());
    let project = release.folder.join("project");
    fs::create_dir(&project).unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-ec", &script])
        .env("PEERLAB_RELEASE", address)
        .env("CI_PROJECT_DIR", &project)
        .current_dir(&project);
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "peerlab 9.9.9\n", "{output:?}");
}
