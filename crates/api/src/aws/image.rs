//! Images and types of instances: labels, since every instance of a lab is the same.

use serde_json::{Value, json};

use super::list::Listing;
use super::refused::invalid;
use super::region;
use super::row::list;
use crate::Refused;
use crate::action::{Action, Asked};

pub(super) const ACTIONS: &[Action] = &[
    list(
        "DescribeImages",
        "ImageId.N Owner.N ExecutableBy.N Filter.N MaxResults NextToken DryRun",
        &IMAGES,
        "imagesSet[]: imageId imageLocation imageState imageOwnerId imageOwnerAlias name description creationDate \
         isPublic architecture imageType rootDeviceType rootDeviceName virtualizationType hypervisor platformDetails \
         usageOperation enaSupport blockDeviceMapping[] tagSet[]; nextToken",
        |asked| {
            let mut reply = IMAGES.answer(asked)?;
            let owners = asked.parameters().list("Owner");
            if let Value::Array(images) = &mut reply[IMAGES.set] {
                let is = |image: &Value, owner: &&str| {
                    image["imageOwnerAlias"] == **owner || image["imageOwnerId"] == **owner
                };
                images.retain(|image| owners.is_empty() || owners.iter().any(|owner| is(image, owner)));
            }
            Ok(reply)
        },
    ),
    list(
        "DescribeInstanceTypes",
        "InstanceType.N Filter.N MaxResults NextToken DryRun",
        &TYPES,
        "instanceTypeSet[]: instanceType currentGeneration vCpuInfo{defaultVCpus} memoryInfo{sizeInMiB} \
         processorInfo{supportedArchitectures[]} supportedRootDeviceTypes[] supportedVirtualizationTypes[] hypervisor \
         bareMetal freeTierEligible; nextToken",
        |asked| TYPES.answer(asked),
    ),
    list(
        "DescribeInstanceTypeOfferings",
        "LocationType Filter.N MaxResults NextToken DryRun",
        &OFFERINGS,
        "instanceTypeOfferingSet[]: instanceType locationType location; nextToken",
        |asked| {
            let kind = asked.parameters().get("LocationType").unwrap_or("region");
            if !["region", "availability-zone", "availability-zone-id"].contains(&kind) {
                return Err(invalid(kind, "LocationType", "There is no such type of location."));
            }
            OFFERINGS.answer(asked)
        },
    ),
];

/// What images are called; the pattern of a search finds them as in the cloud.
const NAMES: [(&str, &str, &str, &str); 3] = [
    ("ami-0a1b2c3d4e5f60718", "al2023-ami-2023.6.20260101.0-kernel-6.1-x86_64", "amazon", "137112412989"),
    ("ami-0b1b2c3d4e5f60718", "amzn2-ami-hvm-2.0.20260101.0-x86_64-gp2", "amazon", "137112412989"),
    ("ami-0c1b2c3d4e5f60718", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260101", "", "099720109477"),
];

/// The image of instances whose request names none.
pub(super) const USUAL: &str = NAMES[0].0;

const IMAGES: Listing = Listing {
    set: "imagesSet",
    ids: "ImageId",
    id: "imageId",
    unknown: "InvalidAMIID.NotFound",
    filters: &[
        ("image-id", "imageId"),
        ("name", "name"),
        ("description", "description"),
        ("architecture", "architecture"),
        ("state", "imageState"),
        ("image-type", "imageType"),
        ("is-public", "isPublic"),
        ("owner-id", "imageOwnerId"),
        ("owner-alias", "imageOwnerAlias"),
        ("root-device-type", "rootDeviceType"),
        ("root-device-name", "rootDeviceName"),
        ("virtualization-type", "virtualizationType"),
        ("hypervisor", "hypervisor"),
        ("ena-support", "enaSupport"),
        ("platform", "platform"),
        ("platform-details", "platformDetails"),
        ("creation-date", "creationDate"),
        ("block-device-mapping.volume-type", "blockDeviceMapping.ebs.volumeType"),
        ("block-device-mapping.device-name", "blockDeviceMapping.deviceName"),
    ],
    all: |asked, wanted| {
        let known = NAMES.iter().filter(|(id, ..)| wanted.takes(id));
        let known = known.map(|(id, name, alias, owner)| shown(id, name, alias, owner));
        // Any image of a request is there: it is a label.
        let ids = asked.parameters().list("ImageId").into_iter();
        let others = ids.filter(|id| is_image(id) && !NAMES.iter().any(|(known, ..)| known == id));
        known.chain(others.map(|id| shown(id, id, "amazon", "137112412989"))).collect()
    },
};

/// Whether a text is an image's id.
pub(super) fn is_image(id: &str) -> bool {
    let rest = id.strip_prefix("ami-").unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn shown(id: &str, name: &str, alias: &str, owner: &str) -> Value {
    json!({
        "imageId": id,
        "imageLocation": format!("{owner}/{name}"),
        "imageState": "available",
        "imageOwnerId": owner,
        "imageOwnerAlias": Some(alias).filter(|alias| !alias.is_empty()),
        "name": name,
        "description": "An instance of a peerlab lab, whatever its image",
        "creationDate": "2026-01-01T00:00:00.000Z",
        "isPublic": true,
        "architecture": "x86_64",
        "imageType": "machine",
        "rootDeviceType": "ebs",
        "rootDeviceName": "/dev/xvda",
        "virtualizationType": "hvm",
        "hypervisor": "xen",
        "platformDetails": "Linux/UNIX",
        "usageOperation": "RunInstances",
        "enaSupport": true,
        "blockDeviceMapping": [{"deviceName": "/dev/xvda", "ebs": {"deleteOnTermination": true, "volumeSize": 8, "volumeType": "gp3", "encrypted": false}}],
        "tagSet": [],
    })
}

/// Types of instances, with processors and memory in MiB.
const KINDS: [(&str, u32, u32); 12] = [
    ("t2.nano", 1, 512),
    ("t2.micro", 1, 1_024),
    ("t2.small", 1, 2_048),
    ("t2.medium", 2, 4_096),
    ("t3.nano", 2, 512),
    ("t3.micro", 2, 1_024),
    ("t3.small", 2, 2_048),
    ("t3.medium", 2, 4_096),
    ("t3.large", 2, 8_192),
    ("m5.large", 2, 8_192),
    ("c5.large", 2, 4_096),
    ("m1.small", 1, 1_740),
];

const TYPES: Listing = Listing {
    set: "instanceTypeSet",
    ids: "InstanceType",
    id: "instanceType",
    unknown: "InvalidInstanceType",
    filters: &[
        ("instance-type", "instanceType"),
        ("current-generation", "currentGeneration"),
        ("free-tier-eligible", "freeTierEligible"),
        ("bare-metal", "bareMetal"),
        ("hypervisor", "hypervisor"),
        ("processor-info.supported-architecture", "processorInfo.supportedArchitectures"),
        ("vcpu-info.default-vcpus", "vCpuInfo.defaultVCpus"),
        ("memory-info.size-in-mib", "memoryInfo.sizeInMiB"),
    ],
    all: |_, wanted| {
        let shown = |(name, processors, memory): &(&str, u32, u32)| {
            json!({
                "instanceType": name,
                "currentGeneration": !name.starts_with("m1."),
                "freeTierEligible": name.ends_with(".micro"),
                "bareMetal": false,
                "hypervisor": if name.starts_with("t2") || name.starts_with("m1") { "xen" } else { "nitro" },
                "vCpuInfo": {"defaultVCpus": processors},
                "memoryInfo": {"sizeInMiB": memory},
                "processorInfo": {"supportedArchitectures": ["x86_64"]},
                "supportedRootDeviceTypes": ["ebs"],
                "supportedVirtualizationTypes": ["hvm"],
            })
        };
        KINDS.iter().filter(|(name, ..)| wanted.takes(name)).map(shown).collect()
    },
};

const OFFERINGS: Listing = Listing {
    set: "instanceTypeOfferingSet",
    ids: "",
    id: "instanceType",
    unknown: "InvalidInstanceType",
    filters: &[("instance-type", "instanceType"), ("location", "location")],
    all: |asked, _| {
        let here = region::here(asked);
        let kind = asked.parameters().get("LocationType").unwrap_or("region");
        let places = match kind {
            "availability-zone" => region::zones(here),
            "availability-zone-id" => region::zones(here).iter().map(|zone| region::zone_id(zone)).collect(),
            _ => vec![here.to_owned()],
        };
        let shown = |(name, ..): &(&str, u32, u32)| {
            let one = |place: &String| json!({"instanceType": name, "locationType": kind, "location": place});
            places.iter().map(one).collect::<Vec<_>>()
        };
        KINDS.iter().flat_map(shown).collect()
    },
};

/// The image of a request's instances.
pub(super) fn of_request(asked: &Asked<'_>) -> Result<String, Refused> {
    match asked.parameters().get("ImageId") {
        None => Ok(USUAL.to_owned()),
        Some(id) if is_image(id) => Ok(id.to_owned()),
        Some(id) => {
            let message = format!("Invalid id: \"{id}\" (expecting \"ami-...\")");
            Err(Refused::new(400, "InvalidAMIID.Malformed", message))
        }
    }
}
