//! Builds the worlds of the book and asks the engine.

use meshscope::answer;
use meshscope::service::generate::LabelPropagation;
use meshscope::traffic::zones::Zones;
use meshscope::world::{self, Options, Source, World};

use crate::page::{AnswerBlock, WorldBlock};
use crate::routes;
use crate::text;
use crate::traffic::{self, Proxy};

/// The world of a block.
pub fn build(block: &WorldBlock) -> Result<World, String> {
    let mut options = Options::default();
    let mut sources = Vec::new();
    for file in &block.files {
        let attributes = &file.attributes;
        attributes.only(&["zone", "default-hostnames", "label-propagation", "inbound-tags"])?;
        match attributes.get("default-hostnames") {
            Some("off") => options.default_hostname_generators = false,
            Some(other) => return Err(format!("default-hostnames={other}: only `off` is known")),
            None => {}
        }
        match attributes.get("inbound-tags") {
            Some("off") => options.generation.inbound_tags_disabled = true,
            Some(other) => return Err(format!("inbound-tags={other}: only `off` is known")),
            None => {}
        }
        if let Some(keys) = attributes.get("label-propagation") {
            let allowed_keys = keys.split(',').filter(|k| !k.is_empty()).map(str::to_owned).collect();
            options.generation.label_propagation = Some(LabelPropagation { allowed_keys });
        }
        sources.push(Source {
            name: format!("{}.yaml", attributes.get("zone").unwrap_or("world")),
            text: file.text.as_str().into(),
            zone: attributes.get("zone").map(str::to_owned),
            environment: None,
        });
    }
    Ok(world::build(&sources, &options))
}

/// What the engine answers, in the form that the block asks for.
pub fn answer(world: &World, block: &AnswerBlock) -> Result<String, String> {
    let known: &[&str] = match block.form.as_str() {
        "names" | "labels" | "services" => &["in", "kind", "name"],
        "hostnames" => &["in", "name"],
        "rules" => &["in", "kind", "name", "path"],
        "outbounds" | "endpoints" => &["in", "proxy", "to", "kind"],
        "routes" => &["in", "proxy", "to"],
        "requests" => &["in", "proxy"],
        "policies" => &["in", "proxy", "to", "kind", "policy"],
        "matches" => &["in", "proxy", "kind"],
        "inbounds" => &["in", "proxy"],
        "problems" => &["code"],
        "generated" => &[],
        other => return Err(format!("there is no form `{other}`")),
    };
    block.attributes.only(known)?;
    let text = match block.form.as_str() {
        "names" => text::names(world, &block.attributes),
        "labels" => text::labels(world, &block.attributes),
        "services" => text::services(world, &block.attributes),
        "hostnames" => text::hostnames(world, &block.attributes),
        "rules" => text::rules(world, &block.attributes),
        "generated" => answer::generated(world),
        "outbounds" => traffic::outbounds_of(&Proxy::of(world, &block.attributes)?, &block.attributes),
        "endpoints" => traffic::endpoints_of(&Proxy::of(world, &block.attributes)?, &block.attributes),
        "policies" => traffic::policies_of(&Proxy::of(world, &block.attributes)?, &block.attributes),
        "routes" => routes::routes_of(&Proxy::of(world, &block.attributes)?, &block.attributes),
        "requests" => routes::requests_of(&Proxy::of(world, &block.attributes)?, &block.text)?,
        "matches" => traffic::matches_of(&Proxy::of(world, &block.attributes)?, &block.attributes),
        "inbounds" => traffic::inbounds_of(&Proxy::of(world, &block.attributes)?),
        _ => text::problems(world, &block.attributes),
    };
    match (text.is_empty(), block.form.as_str()) {
        (true, _) => Ok("nothing\n".to_owned()),
        (false, "generated") => Ok(text),
        (false, _) => Ok(text::wrapped(&text)),
    }
}

/// Why documents of a world are not there: they cannot be read, or Kuma refuses them.
pub fn errors(world: &World) -> impl Iterator<Item = String> + '_ {
    use meshscope::report::SeverityReport::Error;
    let about_documents = |code: &str| code < "MS04" || code.starts_with("MS10");
    answer::diagnostics(world, &Zones::of(world))
        .into_iter()
        .filter(move |d| d.severity == Error && about_documents(&d.code))
        .map(|d| format!("{} {}", d.code, d.message))
}
