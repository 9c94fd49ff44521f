//! The programs to measure: peerlab, the floor, scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use super::Size;
use super::machine::{FOLDER, available_memory, wait_for_the_kernel};

/// The results of one round of a contender: seconds, KiB, or a rate, by row.
pub type Sample = BTreeMap<&'static str, f64>;

/// The measured build, which also writes the labs.
const PEERLAB: &str = env!("CARGO_BIN_EXE_peerlab");

/// With more instances than this, not every ordered pair is pinged, because there are millions.
const FULL_UP_TO: u32 = 1000;

/// With fewer instances than this, the kernel's memory for them is lost in the noise.
const MEMORY_FROM: u32 = 1000;

pub enum Contender {
    /// Hand-written netlink.
    Floor,
    /// A build of peerlab, called by root or by an ordinary user.
    Peerlab { name: &'static str, program: PathBuf, rootless: bool },
    /// A program that builds the lab, pings, and removes it.
    Script { name: String, program: PathBuf, by_hand: bool },
}

/// A contender that cannot run here.
#[derive(serde::Serialize)]
pub struct Missing {
    pub name: String,
    pub why: String,
}

/// The contenders that can run here, and those that cannot.
pub fn all(before: Option<&Path>, rootless: bool, beside: &[PathBuf]) -> (Vec<Contender>, Vec<Missing>) {
    let peerlab = |name, program: &Path, rootless| Contender::Peerlab { name, program: program.to_owned(), rootless };
    let mut contenders = vec![peerlab("peerlab", Path::new(PEERLAB), false), Contender::Floor];
    contenders.extend(before.map(|program| peerlab("before", program, false)));
    let mut missing = Vec::new();
    if rootless {
        // The folder of the build may be one that only root can enter.
        let program = Path::new(FOLDER).join("peerlab");
        match fs::copy(PEERLAB, &program) {
            Ok(_) => contenders.push(peerlab("rootless", &program, true)),
            Err(error) => missing.push(Missing { name: "rootless".into(), why: error.to_string() }),
        }
    }
    let by_hand = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/by-hand");
    let scripts = ["ip", "ip-batch"].map(|name| by_hand.join(name));
    for program in scripts.iter().chain(beside) {
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let by_hand = scripts.contains(program);
        let tools: &[&str] = if by_hand { &["ip", "nft", "ping"] } else { &[] };
        let absent: Vec<_> = tools.iter().filter(|tool| !is_installed(tool)).copied().collect();
        if !absent.is_empty() {
            missing.push(Missing { name, why: format!("{} not installed", absent.join(", ")) });
        } else if !program.is_file() {
            missing.push(Missing { name, why: format!("there is no {}", program.display()) });
        } else {
            contenders.push(Contender::Script { name, program: program.clone(), by_hand });
        }
    }
    (contenders, missing)
}

fn is_installed(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]).any(|folder| folder.join(tool).is_file())
}

impl Contender {
    pub fn name(&self) -> &str {
        match self {
            Contender::Floor => "floor",
            Contender::Peerlab { name, .. } => name,
            Contender::Script { name, .. } => name,
        }
    }

    pub fn runs_at(&self, size: Size, scripts_up_to: u32) -> bool {
        !matches!(self, Contender::Script { by_hand: true, .. }) || size.instances() <= scripts_up_to
    }

    /// Measures it once, on an idle kernel. `needed` selects peerlab's rows.
    pub fn run(&self, size: Size, needed: &BTreeSet<&str>) -> Result<Sample, String> {
        wait()?;
        let sample = match self {
            Contender::Peerlab { program, rootless, .. } => peerlab(program, *rootless, size, needed),
            Contender::Floor => {
                let itself = std::env::current_exe().map_err(|error| error.to_string())?;
                let words = ["floor".into(), size.vpcs.to_string(), size.per_vpc.to_string()];
                script(Command::new(itself).args(words)).and_then(|mut sample| {
                    let start = Instant::now();
                    wait()?;
                    sample.insert("gone", sample["down"] + start.elapsed().as_secs_f64());
                    Ok(sample)
                })
            }
            Contender::Script { program, .. } => {
                script(Command::new(program).args([size.vpcs.to_string(), size.per_vpc.to_string()]))
            }
        };
        sample.inspect_err(|_| clean_up())
    }
}

fn wait() -> Result<(), String> {
    wait_for_the_kernel().map_err(|error| error.to_string())
}

/// Removes what a failed contender left behind.
fn clean_up() {
    let pins = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    for pin in pins {
        let _ = nix::mount::umount2(&pin.path(), nix::mount::MntFlags::MNT_DETACH);
        let _ = fs::remove_file(pin.path());
    }
    let _ = fs::remove_dir_all("/run/peerlab");
}

/// Runs a program that prints its times.
fn script(command: &mut Command) -> Result<Sample, String> {
    #[derive(serde::Deserialize)]
    struct Taken {
        up_s: f64,
        matrix_s: f64,
        down_s: f64,
        answered: f64,
        asked: f64,
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let taken = text.lines().find_map(|line| serde_json::from_str::<Taken>(line).ok());
    let taken = taken.filter(|_| output.status.success()).ok_or_else(|| format!("{}: {text}", output.status))?;
    Ok(Sample::from([
        ("up", taken.up_s),
        ("matrix", taken.matrix_s),
        ("down", taken.down_s),
        ("pings per second", taken.answered / taken.matrix_s),
        ("unanswered", taken.asked - taken.answered),
    ]))
}

/// One run of a program: its time, and its peak memory in KiB.
struct Run {
    seconds: f64,
    memory: f64,
}

fn peerlab(program: &Path, rootless: bool, size: Size, needed: &BTreeSet<&str>) -> Result<Sample, String> {
    let Size { vpcs, per_vpc } = size;
    let pairs = f64::from(size.instances()) * f64::from(size.instances() - 1);
    let mut sample = Sample::new();
    run(Path::new(PEERLAB), false, &format!("init bench --force --vpcs {vpcs} --instances {per_vpc}"))?;
    let run = |words: &str| run(program, rootless, words);
    let without_a_lab = [
        ("validate", "validate bench.toml".to_owned()),
        ("plan", "plan bench.toml".to_owned()),
        ("explain", format!("explain i1-1 i{vpcs}-{per_vpc} -f bench.toml")),
    ];
    for (measure, words) in without_a_lab.iter().filter(|(measure, _)| needed.contains(measure)) {
        sample.insert(measure, run(words)?.seconds);
    }
    if !needed.contains("up") {
        return Ok(sample);
    }

    let before = available_memory();
    let up = run("up bench.toml --no-verify")?;
    if size.instances() >= MEMORY_FROM {
        sample.insert("kernel memory", (before - available_memory()) / f64::from(size.instances()));
    }
    sample.insert("up", up.seconds);
    sample.insert("memory", up.memory);
    if needed.contains("up again") {
        sample.insert("up again", run("up bench.toml --no-verify")?.seconds);
    }
    if needed.contains("plan again") {
        sample.insert("plan again", run("plan bench.toml")?.seconds);
    }
    if needed.contains("api") {
        let route = "create-route-entry --vpc v1 --destination 172.16.0.0/16 --next-hop p1.initiator";
        sample.insert("api", run(&format!("api {route}"))?.seconds);
        let rule = "authorize-security-group sg1 --protocol tcp --port 22 --cidr 172.16.0.0/16";
        sample.insert("api rule", run(&format!("api {rule}"))?.seconds);
    }
    if needed.contains("verify") {
        sample.insert("verify", run("verify")?.seconds);
    }
    if needed.contains("matrix") && size.instances() <= FULL_UP_TO {
        let matrix = run("verify --full")?;
        sample.insert("matrix", matrix.seconds);
        sample.insert("pings per second", pairs / matrix.seconds);
        sample.insert("memory", up.memory.max(matrix.memory));
    }
    let start = Instant::now();
    sample.insert("down", run("down")?.seconds);
    if needed.contains("gone") {
        wait()?;
        sample.insert("gone", start.elapsed().as_secs_f64());
    }
    Ok(sample)
}

/// An ordinary user, and its group: `nobody`.
const USER: u32 = 65534;

/// Runs peerlab, as root or as an ordinary user. It must succeed.
fn run(program: &Path, rootless: bool, words: &str) -> Result<Run, String> {
    let errors = format!("{FOLDER}/errors");
    let mut command = Command::new(program);
    command.args(words.split(' ')).current_dir(FOLDER).stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(File::create(&errors).map_err(|error| error.to_string())?);
    if rootless {
        command.uid(USER).gid(USER);
    }
    let start = Instant::now();
    let child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::uninit());
    // SAFETY: both point to what wait4 writes; nobody else waits for this child, which std leaves alone when dropped.
    let waited = unsafe { nix::libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr()) };
    let seconds = start.elapsed().as_secs_f64();
    if waited < 0 {
        return Err(std::io::Error::last_os_error().to_string());
    }
    // SAFETY: wait4 succeeded, and so has written it.
    let usage = unsafe { usage.assume_init() };
    match ExitStatus::from_raw(status) {
        status if status.success() => Ok(Run { seconds, memory: usage.ru_maxrss as f64 }),
        status => Err(format!("peerlab {words}: {status}: {}", fs::read_to_string(errors).unwrap_or_default().trim())),
    }
}
