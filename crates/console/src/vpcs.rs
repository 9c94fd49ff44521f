//! VPCs and their subnets.

use maud::html;

use crate::api::made::PLACE;
use crate::choices;
use crate::cloud::Subnet;
use crate::field::Field;
use crate::form::{Form, Page};
use crate::parts::{cards, end_chip, go};
use crate::view::View;

pub(crate) fn vpcs(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    let list = "/vpc/vpcs";
    match rest {
        [] => {
            let all: Vec<_> = view.own_vpcs().filter(|vpc| view.shows(&vpc.region.0)).collect();
            let columns = [t.id_name, t.cidr, t.subnets, t.route_tables, t.actions].map(|it| view.word(it));
            let body = html! {
                div.tools { (go(view, "/vpc/vpcs/new", view.word(t.create_vpc), "primary")) }
                (cards(view, &columns, &all, view.own_vpcs().map(|vpc| vpc.region.to_string()), |vpc| html! {
                    tr id=(vpc.id) {
                        th scope="row" { a href=(view.to(&format!("{list}/{}", vpc.id))) { (vpc.name) } br; code.id { (vpc.id) } }
                        td { span.cell-label { (columns[1]) } @for block in vpc.blocks() { code { (block) } " " } }
                        td { span.cell-label { (columns[2]) } (view.cloud.subnets_of(&vpc.name).count()) }
                        td { span.cell-label { (columns[3]) } (view.cloud.route_tables_of(&vpc.name).count()) }
                        td { (go(view, &format!("{list}/{}/delete", vpc.id), view.word(t.delete), "small")) }
                    }
                }))
            };
            Some(Page::new(view.word(t.vpcs), body))
        }
        ["new"] => {
            let region =
                Field::select(view, "region", t.region, choices::regions(view)).or(view, view.region()).of(&["region"]);
            let name = Field::text(view, "name", t.name).of(&["name"]);
            let cidr = Field::text(view, "cidr", t.cidr).of(&["cidr"]).note("192.168.0.0/16");
            let called = if name.value.is_empty() { PLACE } else { &name.value };
            let form = Form::new(view.word(t.confirm), (view.word(t.cancel), list))
                .call("create-vpc", &[("name", called), ("region", &region.value), ("cidr", &cidr.value)]);
            let page = Page::of_form(view.word(t.create_vpc), form.fields(vec![region, name, cidr]));
            Some(page.below(view.word(t.vpcs), list))
        }
        [id, "delete"] => {
            let vpc = view.vpc(id)?;
            let form = Form::deletion(view, "delete-vpc", (&vpc.id.0, vpc.name.as_str()), list);
            Some(Page::of_form(view.word(t.delete), form).below(view.word(t.vpcs), list))
        }
        [id, deed @ ("add-block" | "remove-block")] => {
            let vpc = view.own_vpcs().find(|it| &*it.id.0 == *id)?;
            let here = format!("{list}/{}", vpc.id);
            let (operation, word) = match *deed {
                "add-block" => ("add-cidr", t.add_block),
                _ => ("remove-cidr", t.remove_block),
            };
            let form = Form::of(view, operation, &[("vpc", &vpc.id.0)], &[("cidr", t.cidr)], t.confirm, &here);
            let form = if *deed == "add-block" { form } else { form.danger() };
            Some(Page::of_form(view.word(word), form).below(vpc.name.as_str(), here))
        }
        [id, "settings"] => {
            let vpc = view.own_vpcs().find(|it| &*it.id.0 == *id)?;
            crate::connections::vpc_settings(view, vpc, &format!("{list}/{}", vpc.id))
        }
        [id] => {
            let vpc = view.vpc(id)?;
            let is_own = vpc.account == *view.account;
            let here = format!("{list}/{}", vpc.id);
            let peerings: Vec<_> = view.cloud.peerings_of(&vpc.name).collect();
            let body = html! {
                dl.facts {
                    dt { (view.word(t.vpc)) } dd { (vpc.name) " " code.id { (vpc.id) } }
                    dt { (view.word(t.cidr)) }
                    dd { div.row {
                        @for block in vpc.blocks() {
                            code { (block) }
                            @if is_own && block != vpc.cidr {
                                (go(view, &format!("{here}/remove-block?cidr={}", crate::given::encoded(&block.to_string())), view.word(t.remove_block), "small"))
                            }
                        }
                        @if is_own { (go(view, &format!("{here}/add-block"), view.word(t.add_block), "small")) }
                    } }
                    dt { (view.word(t.region)) } dd { (view.region_name(&vpc.region.0)) " " code.faint { (vpc.region) } }
                    @if let Some(dns) = view.console.connections.and_then(|words| words.dns.as_ref()).filter(|_| is_own) {
                        dt { (view.word(dns.of_vpc)) }
                        dd { (go(view, &format!("{here}/settings"), view.word(dns.edit_vpc), "small")) }
                    }
                    dt { "Router" } dd { code.id { (vpc.router_id) } }
                    dt { (view.word(t.subnets)) }
                    dd { ul { @for it in view.cloud.subnets_of(&vpc.name) { li { (it.name.subnet) " " code { (it.cidr) } } } } }
                    dt { (view.word(t.route_tables)) }
                    dd { ul { @for it in view.cloud.route_tables_of(&vpc.name) {
                        li { a href=(view.to(&format!("/vpc/route-tables/{}", it.id))) { (it.name) } }
                    } } }
                    dt { (view.word(t.peerings)) }
                    dd { ul { @for it in &peerings { li { (it.name) " " code.id { (it.id) } " " (end_chip(view, it)) } } } }
                }
            };
            Some(Page::new(vpc.name.as_str(), body).below(view.word(t.vpcs), list))
        }
        _ => None,
    }
}

pub(crate) fn subnets(view: &View<'_>, rest: &[&str]) -> Option<Page> {
    let t = &view.console.terms;
    let list = "/vpc/subnets";
    match rest {
        [] => {
            let all: Vec<_> = view.own_subnets().filter(|(vpc, _)| view.shows(&vpc.region.0)).collect();
            let columns = [t.id_name, t.vpc, t.cidr, t.free_addresses, t.table, t.actions].map(|it| view.word(it));
            let body = html! {
                div.tools { (go(view, "/vpc/subnets/new", view.word(t.create_subnet), "primary")) }
                (cards(view, &columns, &all, view.own_subnets().map(|(vpc, _)| vpc.region.to_string()), |(vpc, subnet)| html! {
                    @let table = view.cloud.table_of(subnet);
                    tr id=(subnet.id) {
                        th scope="row" { span.name { (subnet.name.subnet) } br; code.id { (subnet.id) } }
                        td { span.cell-label { (columns[1]) } a href=(view.to(&format!("/vpc/vpcs/{}", vpc.id))) { (vpc.name) } }
                        td { span.cell-label { (columns[2]) } code { (subnet.cidr) } }
                        td { span.cell-label { (columns[3]) } (free(view, subnet)) }
                        td { span.cell-label { (columns[4]) } a href=(view.to(&format!("/vpc/route-tables/{}", table.id))) { (table.name) } }
                        td { (go(view, &format!("{list}/{}/delete", subnet.id), view.word(t.delete), "small")) }
                    }
                }))
            };
            Some(Page::new(view.word(t.subnets), body))
        }
        ["new"] => {
            let vpc = Field::select(view, "vpc", t.vpc, choices::vpcs(view)).of(&["vpc"]);
            let name = Field::text(view, "name", t.name).of(&["name"]);
            let cidr = Field::text(view, "cidr", t.cidr).of(&["cidr"]);
            let called = if name.value.is_empty() { PLACE } else { &name.value };
            let form = Form::new(view.word(t.confirm), (view.word(t.cancel), list))
                .call("create-subnet", &[("name", called), ("vpc", &vpc.value), ("cidr", &cidr.value)]);
            let page = Page::of_form(view.word(t.create_subnet), form.fields(vec![vpc, name, cidr]));
            Some(page.below(view.word(t.subnets), list))
        }
        [id, "delete"] => {
            let (_, subnet) = view.own_subnets().find(|(_, it)| &*it.id.0 == *id)?;
            let form = Form::deletion(view, "delete-subnet", (&subnet.id.0, &subnet.name.to_string()), list);
            Some(Page::of_form(view.word(t.delete), form).below(view.word(t.subnets), list))
        }
        _ => None,
    }
}

fn free(view: &View<'_>, subnet: &Subnet) -> usize {
    let hosts = 1usize << (32 - subnet.cidr.prefix_len());
    let taken = view.cloud.instances_of(&subnet.name.vpc).filter(|it| it.subnet == subnet.name).count();
    let reserved = view.cloud.provider().reserved(subnet.cidr).count();
    hosts.saturating_sub(reserved + taken)
}
