//! Names and ids of things that were created without: those of the lab's next step that makes such a thing, so that a
//! tutorial goes on with ids that no form asks for; else a new id.

use peerlab_cloud::{
    AccountName, Argument, ArgumentKind, Call, Cloud, Id, Operation, OperationKind, ResourceKind, Role,
};

/// The name of a thing that has none yet.
pub const PLACE: &str = "unnamed";

/// A call by the name of its operation, with texts for its arguments by their fields. So an argument that an operation
/// gets later changes nothing here. An empty text is none; where one is required it stays, and the cloud refuses it.
pub fn call(operation: &str, texts: &[(&str, &str)]) -> Call {
    let given = |argument: &Argument| {
        let own = texts.iter().filter(|(name, text)| *name == argument.field && !text.is_empty());
        let own: Vec<_> = own.map(|(_, text)| (*text).to_owned()).collect();
        if own.is_empty() && argument.required { vec![String::new()] } else { own }
    };
    let kind = OperationKind::named(operation).expect("the rows name operations that exist");
    kind.call(given).expect("a call of a kind has what the kind requires")
}

/// The call with the new id as its name and id.
pub fn with_id(call: &Call, kind: ResourceKind, id: &Id) -> Call {
    let named = call.with(|argument, texts| match argument.kind {
        ArgumentKind::New(_) => vec![id.to_string()],
        ArgumentKind::NewId(of) if of == kind => vec![id.to_string()],
        _ => texts.to_vec(),
    });
    named.unwrap_or_else(|| call.clone())
}

/// The call with the name and ids of the first awaited operation of this account that makes such a thing.
pub fn awaited(cloud: &Cloud, account: &AccountName, call: &Call, awaited: &[Operation]) -> Option<Call> {
    let own = awaited.iter().filter(|operation| operation.caller == *account);
    let steps = own.flat_map(|operation| [operation.call.clone()].into_iter().chain(ends(cloud, &operation.call)));
    steps.into_iter().find_map(|step| taken(cloud, call, &step))
}

/// An awaited call; of a pair that is created at once, its two ends, which an API creates one by one.
fn ends(cloud: &Cloud, call: &Call) -> Vec<Call> {
    let (Call::CreatePeering(pair), Some(created)) = (call, call.created(cloud)) else { return Vec::new() };
    let (_, names) = created.things();
    let region = |vpc: &str| {
        let vpc = cloud.name_of(ResourceKind::Vpc, vpc)?;
        cloud.vpcs().find(|it| it.name.as_str() == vpc).map(|it| it.region.to_string())
    };
    let end = |name: &String, vpc: &str, role: Role, far: &str| {
        let texts = [("name", &**name), ("vpc", vpc), ("role", &role.to_string()), ("opposite_region", &region(far)?)];
        Some(self::call("create-router-interface", &texts))
    };
    let [initiator, acceptor] = &names[..] else { return Vec::new() };
    let both = [
        end(initiator, &pair.vpc, Role::Initiator, &pair.peer_vpc),
        end(acceptor, &pair.peer_vpc, Role::Acceptor, &pair.vpc),
    ];
    both.into_iter().flatten().collect()
}

/// The call with the name and ids of a step's, if the step makes the same kind of thing in the same place, and has not
/// made it.
fn taken(cloud: &Cloud, call: &Call, step: &Call) -> Option<Call> {
    if call.name() != step.name() {
        return None;
    }
    let created = step.created(cloud)?;
    let is_free = cloud.name_of(created.kind, &created.name).is_none();
    let is_new = created.id.as_deref().is_none_or(|id| cloud.with_id(created.kind, id).is_none());
    let (own, wanted) = (cloud.in_names(call), cloud.in_names(step));
    let mut both = own.arguments().zip(wanted.arguments());
    let fits = both.all(|((argument, texts), (_, wanted))| match argument.kind {
        ArgumentKind::Role | ArgumentKind::Region | ArgumentKind::Block => {
            wanted.is_empty() || wanted.iter().map(|it| it.to_lowercase()).eq(texts.iter().map(|it| it.to_lowercase()))
        }
        ArgumentKind::Thing(kinds) if kinds != [ResourceKind::SecurityGroup] => texts == wanted,
        _ => true,
    });
    if !(is_free && is_new && fits) {
        return None;
    }
    let mut steps = step.arguments();
    call.with(|argument, texts| {
        let (_, wanted) = steps.next().unwrap_or((argument, &[]));
        match argument.kind {
            ArgumentKind::New(_) | ArgumentKind::NewId(_) => wanted.to_vec(),
            _ => texts.to_vec(),
        }
    })
}
