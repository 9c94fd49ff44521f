//! The floor: builds a lab of a size with as little work as possible, and measures it.
//!
//! A ring of VPCs as `peerlab init` writes it, built with hand-written netlink messages: a namespace for each router
//! and each instance, pinned in /run/netns; a bridge, veth pairs, addresses, routes, permanent neighbours; a firewall
//! in each router. No cloud, no checks, nothing read back. Then every instance pings those of its own VPC and of the
//! neighbouring VPCs. Runs no other program.

pub mod netlink;
mod nft;
mod ping;

use std::fs::{self, File};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Mutex;
use std::time::Instant;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

use netlink::{Batch, End};
use ping::Source;

const PINS: &str = "/run/netns";

/// The durations, in seconds.
#[derive(serde::Serialize)]
pub struct Taken {
    pub up_s: f64,
    pub matrix_s: f64,
    pub answered: usize,
    pub asked: usize,
    pub down_s: f64,
}

/// A namespace, with the sockets opened in it.
struct Namespace {
    name: String,
    itself: File,
    route: OwnedFd,
    netfilter: Option<OwnedFd>,
    pings: Option<Source>,
}

/// A ring of `vpcs` VPCs with `instances` each, at most 240.
#[derive(Clone, Copy)]
struct Ring {
    vpcs: u32,
    instances: u32,
}

/// The router's bridge; its ends of the peerings with the next and the previous VPC.
const BRIDGE: u32 = 2;
const AFTER: u32 = 3;
const BEFORE: u32 = 4;
const FIRST_PORT: u32 = 10;
/// The only link of an instance.
const ETH0: u32 = 2;

/// Builds the lab, pings, and removes it.
pub fn run(vpcs: u32, instances: u32) -> io::Result<Taken> {
    if !(1..=65535).contains(&vpcs) || !(1..=240).contains(&instances) {
        return Err(io::Error::other("the floor has 1 to 65535 VPCs with 1 to 240 instances each"));
    }
    let ring = Ring { vpcs, instances };
    fs::create_dir_all(PINS)?;

    let start = Instant::now();
    let mut routers = ring.each(|vpc| ring.namespaces(vpc))?;
    ring.each(|vpc| ring.subnet(vpc, &routers[vpc as usize]))?;
    ring.each(|vpc| ring.peering(vpc, &routers))?;
    ring.each(|vpc| ring.routes(vpc, &routers[vpc as usize][0]))?;
    ring.each(|vpc| ring.firewall(vpc, &routers[vpc as usize][0]))?;
    let up_s = start.elapsed().as_secs_f64();

    let mut asked = 0;
    for (vpc, namespaces) in (0..).zip(&mut routers) {
        for (instance, namespace) in (0..).zip(namespaces) {
            if let Some(pings) = &mut namespace.pings {
                let targets = ring.targets(vpc, instance);
                asked += targets.len();
                pings.aim(targets);
            }
        }
    }
    let start = Instant::now();
    let answered = ring.sweep(&mut routers)?;
    let matrix_s = start.elapsed().as_secs_f64();

    let start = Instant::now();
    for namespace in routers.into_iter().flatten() {
        let pin = format!("{PINS}/{}", namespace.name);
        umount2(pin.as_str(), MntFlags::MNT_DETACH)?;
        fs::remove_file(pin)?;
    }
    Ok(Taken { up_s, matrix_s, answered, asked, down_s: start.elapsed().as_secs_f64() })
}

impl Ring {
    /// Does `work` for every VPC, on as many threads as there are processors.
    fn each<T: Send>(self, work: impl Fn(u32) -> io::Result<T> + Sync) -> io::Result<Vec<T>> {
        let next = Mutex::new(0..self.vpcs);
        let take = || next.lock().ok()?.next();
        let one_thread = || {
            let mut done = Vec::new();
            while let Some(vpc) = take() {
                done.push((vpc, work(vpc)?));
            }
            Ok::<_, io::Error>(done)
        };
        let mut done = Vec::new();
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..processors()).map(|_| scope.spawn(one_thread)).collect();
            for thread in threads {
                done.extend(thread.join().map_err(|_| io::Error::other("a thread of the floor panicked"))??);
            }
            Ok::<_, io::Error>(())
        })?;
        done.sort_by_key(|(vpc, _)| *vpc);
        Ok(done.into_iter().map(|(_, done)| done).collect())
    }

    /// The router's namespace, then its instances'. The thread stays in the last one.
    fn namespaces(self, vpc: u32) -> io::Result<Vec<Namespace>> {
        let namespace = |instance: u32| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            let is_router = instance == 0;
            let name = if is_router { format!("floor.v{vpc}") } else { format!("floor.i{vpc}-{instance}") };
            let pin = format!("{PINS}/{name}");
            File::create_new(&pin)?;
            mount(Some("/proc/thread-self/ns/net"), pin.as_str(), None::<&str>, MsFlags::MS_BIND, None::<&str>)?;
            if is_router {
                fs::write("/proc/sys/net/ipv4/ip_forward", "1")?;
                fs::write("/proc/sys/net/ipv4/conf/all/send_redirects", "0")?;
                fs::write("/proc/sys/net/ipv4/conf/default/send_redirects", "0")?;
            }
            Ok(Namespace {
                name,
                itself: File::open("/proc/thread-self/ns/net")?,
                route: netlink::route_socket()?,
                netfilter: is_router.then(netlink::netfilter_socket).transpose()?,
                pings: (!is_router).then(|| Source::open((vpc * self.instances + instance) as u16)).transpose()?,
            })
        };
        (0..=self.instances).map(namespace).collect()
    }

    /// The bridge of a VPC, its instances' links, and the instances' configuration.
    fn subnet(self, vpc: u32, namespaces: &[Namespace]) -> io::Result<()> {
        let gateway = address(vpc, 0);
        let mut router = Batch::default();
        router.set_up(1);
        router.bridge(&End { index: BRIDGE, name: "subnet", address: gateway });
        router.address(BRIDGE, gateway, 24);
        for (instance, namespace) in (1..).zip(&namespaces[1..]) {
            let own = address(vpc, instance);
            let port = End { index: FIRST_PORT + instance, name: &format!("port{instance}"), address: own };
            let far = End { index: ETH0, name: "eth0", address: own };
            router.veth(&port, Some(BRIDGE), &far, namespace.itself.as_fd());
            router.neighbour(BRIDGE, own);
        }
        router.send(&namespaces[0].route)?;
        for (instance, namespace) in (1..).zip(&namespaces[1..]) {
            let mut batch = Batch::default();
            batch.set_up(1);
            batch.set_up(ETH0);
            batch.address(ETH0, address(vpc, instance), 32);
            batch.route(([0; 4], 0), gateway, ETH0);
            batch.neighbour(ETH0, gateway);
            batch.send(&namespace.route)?;
        }
        Ok(())
    }

    /// The peering with the next VPC.
    fn peering(self, vpc: u32, routers: &[Vec<Namespace>]) -> io::Result<()> {
        if vpc >= self.peerings() {
            return Ok(());
        }
        let other = self.after(vpc);
        let near = End { index: AFTER, name: "after", address: address(vpc, 0) };
        let far = End { index: BEFORE, name: "before", address: address(other, 0) };
        let mut batch = Batch::default();
        batch.veth(&near, None, &far, routers[other as usize][0].itself.as_fd());
        batch.send(&routers[vpc as usize][0].route)
    }

    fn routes(self, vpc: u32, router: &Namespace) -> io::Result<()> {
        let mut batch = Batch::default();
        for (other, index) in self.beside(vpc) {
            let gateway = address(other, 0);
            batch.set_up(index);
            batch.neighbour(index, gateway);
            let [a, b, c, _] = gateway;
            batch.route(([a, b, c, 0], 24), gateway, index);
        }
        batch.send(&router.route)
    }

    fn firewall(self, vpc: u32, router: &Namespace) -> io::Result<()> {
        let instances = (1..=self.instances).map(|instance| address(vpc, instance));
        router.netfilter.as_ref().map_or(Ok(()), |socket| nft::load(socket, instances))
    }

    fn sweep(self, routers: &mut [Vec<Namespace>]) -> io::Result<usize> {
        let share = routers.len().div_ceil(processors());
        std::thread::scope(|scope| {
            let sweep = |share: &mut [Vec<Namespace>]| {
                let sources = share.iter_mut().flatten().filter_map(|namespace| namespace.pings.as_mut());
                ping::sweep(&mut sources.collect::<Vec<_>>())
            };
            let threads: Vec<_> = routers.chunks_mut(share).map(|share| scope.spawn(move || sweep(share))).collect();
            let answered = |thread: std::thread::ScopedJoinHandle<io::Result<usize>>| {
                thread.join().map_err(|_| io::Error::other("a thread of the floor panicked"))?
            };
            threads.into_iter().map(answered).sum()
        })
    }

    /// The targets of an instance: those of its own VPC and of the neighbouring VPCs.
    fn targets(self, vpc: u32, instance: u32) -> Vec<Ipv4Addr> {
        let vpcs = [vpc].into_iter().chain(self.beside(vpc).map(|(other, _)| other));
        let all = vpcs.flat_map(|vpc| (1..=self.instances).map(move |instance| (vpc, instance)));
        all.filter(|target| *target != (vpc, instance)).map(|(vpc, instance)| address(vpc, instance).into()).collect()
    }

    fn peerings(self) -> u32 {
        if self.vpcs > 2 { self.vpcs } else { self.vpcs - 1 }
    }

    fn after(self, vpc: u32) -> u32 {
        (vpc + 1) % self.vpcs
    }

    /// The VPCs with which a VPC is peered, and the links to them.
    fn beside(self, vpc: u32) -> impl Iterator<Item = (u32, u32)> {
        let before = (vpc + self.vpcs - 1) % self.vpcs;
        let after = (vpc < self.peerings()).then(|| (self.after(vpc), AFTER));
        after.into_iter().chain((before < self.peerings()).then_some((before, BEFORE)))
    }
}

/// 10.x.y.1 is the router of VPC 256 x + y, and 10.x.y.10 its first instance (1).
fn address(vpc: u32, instance: u32) -> [u8; 4] {
    let host = if instance == 0 { 1 } else { 9 + instance };
    [10, (vpc >> 8) as u8, vpc as u8, host as u8]
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
