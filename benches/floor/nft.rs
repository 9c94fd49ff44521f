//! The firewall of a router: accepts answers to accepted flows, and packets from or to instances of the VPC; drops
//! everything else.

use std::io;
use std::os::fd::OwnedFd;

use super::netlink::Batch;

const TABLE: &str = "vpc";
const CHAIN: &str = "forward";
const MAP: &str = "instances";

const NEW_TABLE: u16 = 0;
const NEW_CHAIN: u16 = 3;
const NEW_RULE: u16 = 6;
const NEW_SET: u16 = 9;
const NEW_SET_ELEMENT: u16 = 12;

const ACCEPT: u32 = 1;

/// Loads the firewall over a socket in the router's namespace.
pub fn load(socket: &OwnedFd, instances: impl Iterator<Item = [u8; 4]>) -> io::Result<()> {
    let mut batch = Batch::default();
    batch.message(0x10, 0, |begin| begin.bytes(&[0, 0, 0, 10])); // a transaction of nf_tables
    batch.create(of_tables(NEW_TABLE), |table| {
        table.ipv4();
        table.text(1, TABLE);
    });
    batch.create(of_tables(NEW_CHAIN), |chain| {
        chain.ipv4();
        chain.text(1, TABLE);
        chain.text(3, CHAIN);
        chain.nested(4, |hook| {
            hook.number(1, 2); // forward
            hook.number(2, 0); // its priority
        });
        chain.number(5, 0); // policy drop
        chain.text(7, "filter");
    });
    batch.create(of_tables(NEW_SET), |set| {
        set.ipv4();
        set.text(1, TABLE);
        set.text(2, MAP);
        set.number(3, 0x8); // a map
        set.number(4, 7); // of IPv4 addresses
        set.number(5, 4);
        set.number(6, 0xffff_ff00); // to verdicts
        set.number(10, 1);
    });
    batch.create(of_tables(NEW_SET_ELEMENT), |elements| {
        elements.ipv4();
        elements.text(1, TABLE);
        elements.text(2, MAP);
        elements.nested(3, |list| {
            for address in instances {
                list.nested(1, |element| {
                    element.nested(1, |key| key.attribute(1, &address));
                    element.nested(2, Batch::accept);
                });
            }
        });
    });
    batch.rule(|rule| {
        rule.expression("ct", |ct| {
            ct.number(1, 1); // into register 1
            ct.number(2, 0); // the state
        });
        rule.expression("bitwise", |mask| {
            mask.number(1, 1);
            mask.number(2, 1);
            mask.number(3, 4);
            mask.nested(4, |data| data.attribute(1, &6_u32.to_ne_bytes())); // established, related
            mask.nested(5, |data| data.attribute(1, &[0; 4]));
        });
        rule.expression("cmp", |differs| {
            differs.number(1, 1);
            differs.number(2, 1); // from
            differs.nested(3, |data| data.attribute(1, &[0; 4]));
        });
        rule.expression("immediate", |verdict| {
            verdict.number(1, 0);
            verdict.nested(2, Batch::accept);
        });
    });
    for offset in [16, 12] {
        // the destination, the source
        batch.rule(|rule| {
            rule.expression("payload", |load| {
                load.number(1, 1);
                load.number(2, 1); // of the network header
                load.number(3, offset);
                load.number(4, 4);
            });
            rule.expression("lookup", |lookup| {
                lookup.text(1, MAP);
                lookup.number(2, 1);
                lookup.number(3, 0); // the verdict is what the map has
            });
        });
    }
    batch.message(0x11, 0, |end| end.bytes(&[0, 0, 0, 10]));
    batch.send(socket)
}

fn of_tables(message: u16) -> u16 {
    10 << 8 | message
}

/// nf_tables.
impl Batch {
    fn ipv4(&mut self) {
        self.bytes(&[2, 0, 0, 0]);
    }

    fn number(&mut self, kind: u16, number: u32) {
        self.attribute(kind, &number.to_be_bytes());
    }

    fn accept(&mut self) {
        self.nested(2, |verdict| verdict.number(1, ACCEPT));
    }

    fn rule(&mut self, expressions: impl FnOnce(&mut Batch)) {
        self.append(of_tables(NEW_RULE), |rule| {
            rule.ipv4();
            rule.text(1, TABLE);
            rule.text(2, CHAIN);
            rule.nested(4, expressions);
        });
    }

    fn expression(&mut self, name: &str, data: impl FnOnce(&mut Batch)) {
        self.nested(1, |expression| {
            expression.text(1, name);
            expression.nested(2, data);
        });
    }
}
