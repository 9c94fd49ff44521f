//! Named network namespaces: files in /run/netns onto which they are mounted, as in `ip netns`.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::statfs::{NSFS_MAGIC, fstatfs, statfs};

use super::{cost, fault, threads};
use crate::error::{Error, Result};
use crate::kernel::messages::Said;
use crate::message::Message;
use crate::msg;
use crate::network::model::NamespaceName;

const FOLDER: &str = "/run/netns";
const OWN: &str = "/proc/thread-self/ns/net";

/// Hint if there is no room for the name, which is a file.
const NO_ROOM: Said = Said::MakeRoomInRun;

/// The path of a lab's namespace; its last part is its name in `ip netns`.
pub fn path(lab: &str, name: &NamespaceName) -> PathBuf {
    Path::new(FOLDER).join(format!("{lab}.{name}"))
}

/// Whether a namespace of this name exists.
pub fn exists(lab: &str, name: &NamespaceName) -> bool {
    is_namespace(&path(lab, name))
}

/// The namespaces of a lab that exist, by name, whoever made them.
pub(crate) fn all_of(lab: &str) -> Vec<NamespaceName> {
    let entries = fs::read_dir(FOLDER).into_iter().flatten().flatten();
    let name = |entry: fs::DirEntry| Some(entry.file_name().to_str()?.strip_prefix(lab)?.strip_prefix('.')?.into());
    let mut names: Vec<NamespaceName> = entries.filter_map(name).filter(|name| exists(lab, name)).collect();
    names.sort();
    names
}

/// Whether something that peerlab must not use has this name: a namespace, or anything that a killed run would not
/// leave.
pub fn is_taken(lab: &str, name: &NamespaceName) -> bool {
    let path = path(lab, name);
    fs::symlink_metadata(&path).is_ok() && !is_left_over(&path)
}

/// The identity of the namespace that has this name now, if any. A later namespace of the same name has another
/// identity.
pub fn identity(lab: &str, name: &NamespaceName) -> Option<u64> {
    let path = path(lab, name);
    is_namespace(&path).then(|| fs::metadata(&path).ok().map(|it| it.ino())).flatten()
}

fn is_namespace(path: &Path) -> bool {
    statfs(path).is_ok_and(|it| it.filesystem_type() == NSFS_MAGIC)
}

/// Runs `work` in the namespace, on a separate thread; the caller's thread stays in its own namespace.
pub fn enter<T: Send>(lab: &str, name: &NamespaceName, work: impl FnOnce() -> T + Send) -> Result<T> {
    let inside = open(lab, name)?;
    threads::apart(|| {
        go(&inside).map_err(|errno| cannot(msg!(Said::CannotEnter { lab, name }), errno))?;
        Ok(work())
    })?
}

/// Moves the calling thread into the namespace. Only for threads that end soon or move on to the next namespace, never
/// for a thread of the runtime or of the caller.
pub(super) fn go(namespace: &File) -> Result<(), Errno> {
    setns(namespace.as_fd(), CloneFlags::CLONE_NEWNET)
}

/// Moves the calling thread into a namespace, as [`go`] does.
pub(crate) fn visit(lab: &str, name: &NamespaceName) -> Result<File> {
    let file = open(lab, name)?;
    go(&file).map_err(|errno| cannot(msg!(Said::CannotEnter { lab, name }), errno))?;
    Ok(file)
}

/// Opens a namespace; `None` if it does not exist.
pub(super) fn find(lab: &str, name: &NamespaceName) -> Result<Option<File>> {
    // Without O_NONBLOCK, opening a pipe would wait.
    let opened = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path(lab, name));
    match opened {
        Ok(file) => Ok(Some(file).filter(is_one).inspect(|_| cost::namespace())),
        Err(error) => match fault::errno(&error) {
            Errno::ENOENT | Errno::ENXIO => Ok(None),
            errno => Err(cannot(msg!(Said::CannotOpen { lab, name }), errno)),
        },
    }
}

fn is_one(file: &File) -> bool {
    fstatfs(file).is_ok_and(|it| it.filesystem_type() == NSFS_MAGIC)
}

/// Opens a namespace that exists.
pub(super) fn open(lab: &str, name: &NamespaceName) -> Result<File> {
    find(lab, name)?.ok_or_else(|| {
        let path = path(lab, name);
        if fs::symlink_metadata(&path).is_ok() {
            return Error::host(msg!(Said::NoNamespace { path: path.display() }))
                .hint(msg!(Said::UpMakesItAnew { lab }));
        }
        Error::host(msg!(Said::NotThere { lab, name })).hint(msg!(Said::UpMakesIt { lab }))
    })
}

/// Creates the folder for the names if it does not exist; mounts nothing on it.
pub(super) fn make_folder() -> Result<()> {
    fs::create_dir_all(FOLDER).map_err(|error| {
        let hint = match error.kind() {
            io::ErrorKind::StorageFull => Message::from(NO_ROOM),
            _ => msg!(Said::RunAsRootWithRun),
        };
        fault::host(msg!(Said::CannotCreateFolder { folder: FOLDER }), fault::errno(&error), hint)
    })
}

/// Creates a namespace; the calling thread stays in it, so this is for worker threads.
pub(super) fn create(lab: &str, name: &NamespaceName) -> Result<File> {
    cost::namespace();
    let path = path(lab, name);
    // Create the name first, so that one of two labs with the same name is refused. A killed run can leave an empty
    // file without a namespace.
    let file = OpenOptions::new().write(true).create_new(true).mode(0o444).open(&path);
    if let Err(error) = file {
        match error.kind() {
            io::ErrorKind::AlreadyExists if is_left_over(&path) => {}
            io::ErrorKind::AlreadyExists => {
                let message = msg!(Said::Taken { lab, name });
                let hint = msg!(Said::RemoveOrRename { lab, name });
                return Err(Error::host(message).hint(hint));
            }
            io::ErrorKind::StorageFull => {
                let message = msg!(Said::CannotCreateIn { lab, name, folder: FOLDER });
                return Err(fault::host(message, Errno::ENOSPC, NO_ROOM));
            }
            _ => return Err(cannot(msg!(Said::CannotCreate { lab, name }), fault::errno(&error))),
        }
    }
    let made = unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| cannot(msg!(Said::CannotCreate { lab, name }), errno));
    let named = made.and_then(|()| {
        give_name(&path).map_err(|errno| match errno {
            Errno::ENOSPC => fault::host(msg!(Said::CannotMount { lab, name }), errno, NO_MOUNTS),
            _ => cannot(msg!(Said::CannotCreate { lab, name }), errno),
        })
    });
    let open = || File::open(OWN).map_err(|error| cannot(msg!(Said::CannotCreate { lab, name }), fault::errno(&error)));
    named.and_then(|()| open()).inspect_err(|_| {
        // A name without its namespace is useless. If the removal also fails, report the first error.
        let _ = fs::remove_file(&path);
    })
}

/// Hint for ENOSPC of a mount: mounts are used up, not namespaces.
const NO_MOUNTS: Said = Said::RaiseMountMax;

/// Whether this is a name that a killed run left without its namespace: an empty file.
fn is_left_over(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|it| it.is_file() && it.size() == 0) && !is_namespace(path)
}

/// Mounts the calling thread's namespace onto its name. The first `ip netns add` on a host mounts the folder onto
/// itself, which may hide a mount made at that moment; then it is mounted again.
fn give_name(path: &Path) -> Result<(), Errno> {
    const ATTEMPTS: usize = 3;
    for _ in 0..ATTEMPTS {
        mount(Some(OWN), path, None::<&str>, MsFlags::MS_BIND, None::<&str>)?;
        if is_namespace(path) {
            return Ok(());
        }
    }
    Err(Errno::EBUSY)
}

/// Removes a namespace's name, if it exists; the kernel dismantles the namespace when nothing uses it any more.
pub(super) fn delete(lab: &str, name: &NamespaceName) -> Result<()> {
    let path = path(lab, name);
    match umount2(&path, MntFlags::MNT_DETACH | MntFlags::UMOUNT_NOFOLLOW) {
        // EINVAL: a name whose namespace was never created.
        Ok(()) | Err(Errno::EINVAL) => {}
        Err(Errno::ENOENT) => return Ok(()),
        Err(errno) => return Err(cannot(msg!(Said::CannotUnmount { lab, name }), errno)),
    }
    let removed = fs::remove_file(&path).or_else(|error| match error.kind() {
        io::ErrorKind::ResourceBusy => remove_covered(&path),
        _ => Err(error),
    });
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(cannot(msg!(Said::CannotRemove { lab, name }), fault::errno(&error)))
        }
        _ => Ok(()),
    }
}

/// Removes a name that is mounted more than once. The first `ip netns add` on a host mounts the folder onto itself,
/// over existing mounts, and no path leads to those below. In a mount namespace where nothing is mounted on the file,
/// the file can be removed, and all its mounts elsewhere go with it.
fn remove_covered(path: &Path) -> io::Result<()> {
    let none = None::<&str>;
    let all_off = |path: &Path| while umount2(path, MntFlags::MNT_DETACH).is_ok() {};
    let run = || {
        unshare(CloneFlags::CLONE_NEWNS)?;
        mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
        all_off(Path::new(FOLDER));
        all_off(path);
        fs::remove_file(path)
    };
    // On a separate thread: only it enters that mount namespace.
    threads::apart(run).unwrap_or_else(|_| Err(Errno::EAGAIN.into()))
}

/// What could not be done with it: a row of [`Said`] that names the lab and the namespace.
fn cannot(message: Message, errno: Errno) -> Error {
    let hint = match errno {
        Errno::EPERM | Errno::EACCES => msg!(Said::RunAsRootOrWithThese),
        Errno::EMFILE | Errno::ENFILE => msg!(Said::RaiseLimitOpenFilesUlimit),
        Errno::ENOSPC => msg!(Said::RaiseMaxNamespaces),
        Errno::ENOMEM | Errno::ENOBUFS => msg!(Said::FreeMemory),
        Errno::EBUSY => msg!(Said::MountedTwice),
        Errno::EROFS => msg!(Said::RunMustWritable),
        _ => msg!(Said::LookAtDmesg),
    };
    fault::host(message, errno, hint)
}
