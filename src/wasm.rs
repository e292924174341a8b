//! What JavaScript sees: a [`WorldHandle`] that takes edits and answers lazily. Nothing is decided here.
//!
//! No call throws for what a user wrote. A value of the wrong shape (a number where a source should be) is the caller's
//! error and comes back as a rejected `Result`.

use std::sync::Arc;

use js_sys::{Array, Object, Reflect};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::answer;
use crate::collections::{Gather, SortedMap};
use crate::documents::Memory;
use crate::json;
use crate::migration::{self, Choice, Decisions};
use crate::report;
use crate::resource::{Environment, MeshServicesMode};
use crate::schema;
use crate::service::generate::LabelPropagation;
use crate::traffic::zones::Zones;
use crate::world::{self, Options, Source, World};

#[wasm_bindgen(start)]
fn start() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
}

/// One file of the input.
#[derive(Clone, Debug, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SourceInput {
    /// Its name, for messages; unique in a world.
    pub name: String,
    /// Its YAML.
    pub text: String,
    /// The zone that its documents belong to, where their labels do not say.
    #[serde(default)]
    #[tsify(optional)]
    pub zone: Option<String>,
    /// Where it would be applied: documents in the other form are refused there. Without it both forms are taken.
    #[serde(default)]
    #[tsify(optional, type = "'universal' | 'kubernetes'")]
    pub environment: Option<String>,
}

impl From<SourceInput> for Source {
    fn from(input: SourceInput) -> Self {
        let environment = match input.environment.as_deref() {
            Some("universal") => Some(Environment::Universal),
            Some("kubernetes") => Some(Environment::Kubernetes),
            _ => None,
        };
        let zone = input.zone.filter(|z| !z.is_empty());
        Source { name: input.name, text: input.text.into(), zone, environment }
    }
}

/// What the YAML does not say about the control planes. Everything has a default.
#[derive(Clone, Debug, Default, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct OptionsInput {
    /// The name of the one zone of a world that names none; `default`.
    #[tsify(optional)]
    pub zone: Option<String>,
    /// Whether zones are connected to a global control plane; by default they are if the world names zones.
    #[tsify(optional)]
    pub federated: Option<bool>,
    /// Whether Kuma's default HostnameGenerators exist; true.
    #[tsify(optional)]
    pub default_hostname_generators: Option<bool>,
    /// Overrides `meshServices.mode` of every Mesh.
    #[tsify(optional, type = "'Disabled' | 'Everywhere' | 'ReachableBackends' | 'Exclusive'")]
    pub mode: Option<String>,
    /// Whether labels are copied to generated MeshServices; false.
    #[tsify(optional)]
    pub label_propagation: Option<bool>,
    /// Whether inbound tags are disabled on the control planes; false.
    #[tsify(optional)]
    pub inbound_tags_disabled: Option<bool>,
    /// Kuma's namespace on Kubernetes; `kuma-system`.
    #[tsify(optional)]
    pub system_namespace: Option<String>,
    /// Whether what a cluster would add may be assumed: Pods of workloads that have none in the input, and clusterIPs of
    /// Services that have none; true.
    #[tsify(optional)]
    pub assume: Option<bool>,
}

impl From<OptionsInput> for Options {
    fn from(input: OptionsInput) -> Self {
        let mut options = Options::default();
        if let Some(zone) = input.zone.filter(|z| !z.is_empty()) {
            options.zone = zone;
        }
        options.federated = input.federated;
        options.default_hostname_generators = input.default_hostname_generators.unwrap_or(true);
        options.mode = input.mode.as_deref().and_then(MeshServicesMode::named);
        if input.label_propagation == Some(true) {
            options.generation.label_propagation = Some(LabelPropagation::default());
        }
        options.kubernetes.assume = input.assume.unwrap_or(true);
        options.generation.inbound_tags_disabled = input.inbound_tags_disabled.unwrap_or(false);
        if let Some(namespace) = input.system_namespace.filter(|n| !n.is_empty()) {
            options.system_namespace = namespace;
        }
        options
    }
}

/// A world, and what was already worked out about its traffic.
struct Built {
    world: World,
    zones: Zones,
}

/// What the user decides about a migration. Everything has a default.
#[derive(Clone, Debug, Default, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct DecisionsInput {
    /// By mesh and `kuma.io/service` with a slash between (`LegacyServiceReport.id`); the suggestion where there is none.
    #[tsify(optional, type = "Record<string, ChoiceReport>")]
    pub choices: SortedMap<String, String>,
    /// The mode on the way from Disabled to Exclusive; Everywhere.
    #[tsify(optional, type = "'Everywhere' | 'ReachableBackends'")]
    pub via: Option<String>,
}

impl From<DecisionsInput> for Decisions {
    fn from(input: DecisionsInput) -> Self {
        let choice = |text: &str| match text {
            "meshMultiZoneService" => Choice::MeshMultiZoneService,
            _ => Choice::MeshService,
        };
        let via = match input.via.as_deref() {
            Some("ReachableBackends") => MeshServicesMode::ReachableBackends,
            _ => MeshServicesMode::Everywhere,
        };
        Decisions { choices: input.choices.iter().map(|(k, v)| (k.clone(), choice(v))).gather(), via }
    }
}

fn decisions(input: JsValue) -> Result<Decisions, JsError> {
    let decisions = DecisionsInput { choices: strings(&input, "choices")?, via: text(&input, "via")? };
    Ok(decisions.into())
}

/// A world of YAML. Answers are worked out when they are asked for.
#[wasm_bindgen(js_name = World)]
pub struct WorldHandle {
    sources: Vec<Source>,
    options: Options,
    built: Option<Built>,
    /// What was read before.
    memory: Memory,
}

#[wasm_bindgen(js_class = World)]
impl WorldHandle {
    /// An empty world.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "OptionsInput | undefined")] options: JsValue,
    ) -> Result<WorldHandle, JsError> {
        Ok(WorldHandle {
            sources: Vec::new(),
            options: OptionsInput::read(&options)?.into(),
            built: None,
            memory: Memory::default(),
        })
    }

    /// Adds a source, or replaces the one of the same name in its place.
    #[wasm_bindgen(js_name = setSource)]
    pub fn set_source(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "SourceInput")] source: JsValue,
    ) -> Result<(), JsError> {
        let mut input = SourceInput::read(&source)?;
        let text = std::mem::take(&mut input.text);
        let source = Source::from(input);
        let same =
            |old: &Source| old.text == text && (&old.zone, old.environment) == (&source.zone, source.environment);
        let old = self.sources.iter_mut().find(|s| s.name == source.name);
        if old.as_deref().is_some_and(same) {
            return Ok(());
        }
        // before there is a second copy of the text
        self.built = None;
        let source = Source { text: text.into(), ..source };
        match old {
            Some(old) => *old = source,
            None => self.sources.push(source),
        }
        Ok(())
    }

    /// Removes a source; one that is not there is no error.
    #[wasm_bindgen(js_name = removeSource)]
    pub fn remove_source(&mut self, name: &str) {
        self.sources.retain(|s| s.name != name);
        self.built = None;
    }

    /// Replaces the options.
    #[wasm_bindgen(js_name = setOptions)]
    pub fn set_options(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "OptionsInput")] options: JsValue,
    ) -> Result<(), JsError> {
        self.options = OptionsInput::read(&options)?.into();
        self.built = None;
        Ok(())
    }

    /// Documents, zones, proxies and meshes at a glance.
    #[wasm_bindgen(unchecked_return_type = "Summary")]
    pub fn summary(&mut self) -> Result<JsValue, JsError> {
        to_js(&report::Summary::of(self.world()))
    }

    /// All problems, in the order of the input.
    #[wasm_bindgen(unchecked_return_type = "DiagnosticReport[]")]
    pub fn diagnostics(&mut self) -> Result<JsValue, JsError> {
        let built = self.built();
        to_js(&answer::diagnostics(&built.world, &built.zones))
    }

    /// Every reference and what it hits, from each zone where its document has an effect.
    #[wasm_bindgen(unchecked_return_type = "ReferenceReport[]")]
    pub fn rules(&mut self) -> Result<JsValue, JsError> {
        let built = self.built();
        let mut rows = Rows::default();
        answer::references::each(&built.world, &built.zones, &mut |row| rows.reference(row));
        rows.finish()
    }

    /// Every service of every control plane.
    #[wasm_bindgen(unchecked_return_type = "ServiceReport[]")]
    pub fn services(&mut self) -> Result<JsValue, JsError> {
        let mut rows = Rows::default();
        answer::services::each(self.world(), &mut |service| rows.push(&service));
        rows.finish()
    }

    /// What Kuma makes of the objects of each Kubernetes zone.
    #[wasm_bindgen(unchecked_return_type = "KubernetesReport[]")]
    pub fn kubernetes(&mut self) -> Result<JsValue, JsError> {
        to_js(&answer::kubernetes::clusters(self.world()))
    }

    /// One proxy: its outbounds with their routes, its policies with where each field comes from, its inbounds.
    /// `undefined` if there is no such proxy.
    #[wasm_bindgen(unchecked_return_type = "ProxyReport | undefined")]
    pub fn proxy(&mut self, zone: &str, mesh: &str, name: &str) -> Result<JsValue, JsError> {
        let built = self.built();
        let name = report::ProxyName { zone: zone.to_owned(), mesh: mesh.to_owned(), name: name.to_owned() };
        match answer::proxies::proxy(&built.world, &built.zones, &name) {
            Some(report) => to_js(&report),
            None => Ok(JsValue::UNDEFINED),
        }
    }

    /// What becomes of one request, step by step.
    #[wasm_bindgen(unchecked_return_type = "RequestReport")]
    pub fn request(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "RequestInput")] request: JsValue,
    ) -> Result<JsValue, JsError> {
        let input = request_input(&request)?;
        let built = self.built();
        to_js(&answer::requests::request(&built.world, &built.zones, &input))
    }

    /// Whether the checks of the input hold, and which rules they cover.
    #[wasm_bindgen(unchecked_return_type = "ChecksReport")]
    pub fn checks(&mut self) -> Result<JsValue, JsError> {
        let built = self.built();
        to_js(&answer::checks::checks(&built.world, &built.zones))
    }

    /// The references that a text such as `MeshHTTPRoute/name to[0].rules[0].backendRefs[0]` names; without a path, all
    /// of that document.
    #[wasm_bindgen(unchecked_return_type = "ReferenceReport[]")]
    pub fn explain(&mut self, reference: &str) -> Result<JsValue, JsError> {
        let built = self.built();
        let all = answer::references::references(&built.world, &built.zones);
        to_js(&answer::checks::named(&all, reference))
    }

    /// The way from `kuma.io/service` to MeshService: what to decide, what is left, and what to write.
    #[wasm_bindgen(unchecked_return_type = "MigrationReport")]
    pub fn migration(
        &self,
        #[wasm_bindgen(unchecked_param_type = "DecisionsInput | undefined")] input: JsValue,
    ) -> Result<JsValue, JsError> {
        to_js(&migration::migration(&self.sources, &self.as_written(), &decisions(input)?))
    }

    /// Every mode of `meshServices`, tried on this world.
    #[wasm_bindgen(unchecked_return_type = "ModeReport[]")]
    pub fn modes(&self) -> Result<JsValue, JsError> {
        to_js(&migration::modes::modes(&self.sources, &self.as_written()))
    }

    /// The texts after the rewrites of these ids, and what becomes of requests by it; without ids: after all of them.
    #[wasm_bindgen(unchecked_return_type = "RewrittenReport")]
    pub fn rewritten(
        &self,
        #[wasm_bindgen(unchecked_param_type = "DecisionsInput | undefined")] input: JsValue,
        ids: Option<Vec<String>>,
    ) -> Result<JsValue, JsError> {
        to_js(&migration::rewritten(&self.sources, &self.as_written(), &decisions(input)?, ids.as_deref()))
    }

    /// What is different from an older version of the sources, under the same options.
    #[wasm_bindgen(unchecked_return_type = "DiffReport")]
    pub fn diff(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SourceInput[]")] old: JsValue,
    ) -> Result<JsValue, JsError> {
        let old = js_sys::Array::from(&old).into_iter();
        let old = old.map(|s| Ok(Source::from(SourceInput::read(&s)?))).gather::<Result<Vec<Source>, JsError>>()?;
        let old = world::build(&old, &self.options);
        to_js(&migration::diff::diff(&old, &world::build(&self.sources, &self.options)))
    }

    /// The resources that Kuma generates, as one YAML stream.
    pub fn generated(&mut self) -> String {
        answer::generated(self.world())
    }
}

impl WorldHandle {
    /// The options without a mode to try: a migration starts from the modes that are written.
    fn as_written(&self) -> Options {
        Options { mode: None, ..self.options.clone() }
    }

    fn built(&mut self) -> &Built {
        let (sources, options, memory) = (&self.sources, &self.options, &mut self.memory);
        self.built.get_or_insert_with(|| {
            let world = world::build_again(memory, sources, options);
            let zones = Zones::of(&world);
            Built { world, zones }
        })
    }

    fn world(&mut self) -> &World {
        &self.built().world
    }
}

/// The fields that may stand in the mapping at a path of a document of this kind, for an editor; lists need no step.
#[wasm_bindgen(js_name = schemaFields, unchecked_return_type = "SchemaFieldReport[]")]
pub fn schema_fields(kind: &str, path: Vec<String>) -> Result<JsValue, JsError> {
    let path: Vec<&str> = path.iter().map(String::as_str).gather();
    let fields = schema::fields(kind, &path).into_iter().map(report::SchemaFieldReport::from);
    to_js(&fields.gather::<Vec<_>>())
}

/// The Kuma release whose rules the answers follow.
#[wasm_bindgen(js_name = kumaVersion)]
pub fn kuma_version() -> String {
    report::KUMA_VERSION.to_owned()
}

/// The version of the shape of answers.
#[wasm_bindgen(js_name = schemaVersion)]
pub fn schema_version() -> u32 {
    report::SCHEMA_VERSION
}

#[wasm_bindgen]
extern "C" {
    /// `JSON.parse` of a text that JavaScript has.
    #[wasm_bindgen(js_namespace = JSON, catch)]
    fn parse(text: &js_sys::JsString) -> Result<JsValue, JsValue>;
}

/// An answer as a plain JavaScript value. Parsing one text takes a fraction of the calls, and of the code, that building
/// the value property by property does.
fn to_js<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsError> {
    let mut text = JsText::default();
    text.json.write(value);
    text.value().map_err(|_| JsError::new("the answer is no JSON"))
}

/// JSON text on its way to JavaScript. The memory of WebAssembly never shrinks, so what is needed for a moment only should
/// be small.
struct JsText {
    json: json::Parts,
    /// What JavaScript has of it.
    parts: Array,
}

impl Default for JsText {
    fn default() -> Self {
        let parts = Array::new();
        let out = parts.clone();
        let take = move |part: &str| {
            out.push(&part.into());
        };
        JsText { json: json::Parts::new(Box::new(take)), parts }
    }
}

impl JsText {
    /// True if there is enough of it to be parsed.
    fn is_long(&self) -> bool {
        self.parts.length() > 0 || self.json.waiting() >= json::PART
    }

    /// What it says; then it is empty.
    fn value(&mut self) -> Result<JsValue, JsValue> {
        self.json.end();
        let value = parse(&self.parts.join(""));
        self.parts.set_length(0);
        value
    }
}

/// A long answer, handed over part by part.
#[derive(Default)]
struct Rows {
    /// Rows that are still to be handed over.
    text: JsText,
    pending: u32,
    out: Array,
    /// Lists that several rows have, by their address; JavaScript gets each of them once.
    lists: SortedMap<usize, (Arc<Vec<report::HitReport>>, JsValue)>,
    /// Where lists go: row, answer, list.
    places: Vec<(u32, u32, usize)>,
    failed: bool,
}

impl Rows {
    fn push<T: Serialize>(&mut self, row: &T) {
        if self.pending == 0 {
            self.text.json.open();
        }
        self.text.json.write(row);
        self.pending += 1;
        if self.text.is_long() {
            self.flush();
        }
    }

    fn reference(&mut self, mut row: report::ReferenceReport) {
        let at = self.out.length() + self.pending;
        for (answer, index) in row.answers.iter_mut().zip(0..) {
            if Arc::strong_count(&answer.hits) > 1 && !answer.hits.is_empty() {
                let list = Arc::as_ptr(&answer.hits) as usize;
                if !self.lists.contains_key(&list) {
                    let hits = to_js(&*answer.hits).unwrap_or_default();
                    self.lists.insert(list, (Arc::clone(&answer.hits), hits));
                }
                self.places.push((at, index, list));
                answer.hits = Arc::default();
            }
        }
        self.push(&row);
    }

    fn flush(&mut self) {
        if self.pending > 0 {
            self.text.json.close();
            match self.text.value() {
                Ok(part) => {
                    for row in Array::from(&part) {
                        self.out.push(&row);
                    }
                }
                Err(_) => self.failed = true,
            }
            self.pending = 0;
        }
    }

    fn finish(mut self) -> Result<JsValue, JsError> {
        self.flush();
        for (row, answer, list) in &self.places {
            let answers = Array::from(&Reflect::get(&self.out.get(*row), &"answers".into()).unwrap_or_default());
            if let Some((_, hits)) = self.lists.get(list) {
                self.failed |= Reflect::set(&answers.get(*answer), &"hits".into(), hits).is_err();
            }
        }
        match self.failed {
            false => Ok(self.out.into()),
            true => Err(JsError::new("the answer is no JSON")),
        }
    }
}

impl SourceInput {
    fn read(value: &JsValue) -> Result<Self, JsError> {
        Ok(SourceInput {
            name: required(value, "name")?,
            text: required(value, "text")?,
            zone: text(value, "zone")?,
            environment: text(value, "environment")?,
        })
    }
}

impl OptionsInput {
    /// Without a value everything is left to its default.
    fn read(value: &JsValue) -> Result<Self, JsError> {
        Ok(OptionsInput {
            zone: text(value, "zone")?,
            federated: truth(value, "federated")?,
            default_hostname_generators: truth(value, "defaultHostnameGenerators")?,
            mode: text(value, "mode")?,
            label_propagation: truth(value, "labelPropagation")?,
            inbound_tags_disabled: truth(value, "inboundTagsDisabled")?,
            system_namespace: text(value, "systemNamespace")?,
            assume: truth(value, "assume")?,
        })
    }
}

fn request_input(value: &JsValue) -> Result<report::RequestInput, JsError> {
    Ok(report::RequestInput {
        zone: required(value, "zone")?,
        mesh: required(value, "mesh")?,
        proxy: required(value, "proxy")?,
        to: required(value, "to")?,
        method: text(value, "method")?.unwrap_or_default(),
        path: text(value, "path")?.unwrap_or_default(),
        headers: strings(value, "headers")?,
    })
}

/// The strings of an object by name; none if the property is absent.
fn strings(value: &JsValue, name: &str) -> Result<SortedMap<String, String>, JsError> {
    let mut out = SortedMap::new();
    if let Some(written) = property(value, name)? {
        let Some(written) = written.dyn_ref::<Object>() else { return Err(wrong(name, "an object of strings")) };
        for key in Object::keys(written).iter().filter_map(|key| key.as_string()) {
            let text = required(written, &key)?;
            out.insert(key, text);
        }
    }
    Ok(out)
}

/// A property, unless it is absent, `undefined` or `null`.
fn property(value: &JsValue, name: &str) -> Result<Option<JsValue>, JsError> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    let found = Reflect::get(value, &name.into()).map_err(|_| JsError::new("not an object"))?;
    Ok(Some(found).filter(|v| !v.is_undefined() && !v.is_null()))
}

fn text(value: &JsValue, name: &str) -> Result<Option<String>, JsError> {
    match property(value, name)? {
        Some(found) => found.as_string().map(Some).ok_or_else(|| wrong(name, "a string")),
        None => Ok(None),
    }
}

fn required(value: &JsValue, name: &str) -> Result<String, JsError> {
    text(value, name)?.ok_or_else(|| wrong(name, "a string"))
}

fn truth(value: &JsValue, name: &str) -> Result<Option<bool>, JsError> {
    match property(value, name)? {
        Some(found) => found.as_bool().map(Some).ok_or_else(|| wrong(name, "a boolean")),
        None => Ok(None),
    }
}

fn wrong(name: &str, what: &str) -> JsError {
    JsError::new(&format!("`{name}` is not {what}"))
}
