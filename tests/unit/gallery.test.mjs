// Every world of the gallery: what its lesson says is what the engine answers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createWorld, evaluate } from 'meshscope';
import { worlds } from '../gallery.mjs';

/** @param {import('meshscope').HitReport} hit */
const hitText = (hit) =>
  [hit.name, hit.ports.map((port) => [port.name, port.port].filter(Boolean).join(' ')).join(', '), hit.zone]
    .filter(Boolean)
    .join(' ');

/**
 * @param {import('meshscope').Evaluation} evaluation
 * @param {import('../gallery.mjs').Expectation} expected
 */
function checkRule(evaluation, expected) {
  const [name, path] = /** @type {string} */ (expected.rule).split(' ');
  const rule = evaluation.rules.find((each) => each.name === name && each.path.replace(/^spec\./, '') === path);
  assert.ok(
    rule,
    `there is no ${expected.rule}; there are ${evaluation.rules.map((r) => `${r.name} ${r.path}`).join(', ')}`,
  );
  const answers = expected.zone ? rule.answers.filter((each) => each.zone === expected.zone) : rule.answers;
  assert.ok(answers.length > 0, 'it has no effect anywhere');
  for (const answer of answers) {
    if (expected.hits) assert.deepEqual(answer.hits.map(hitText), expected.hits);
    if (expected.outcome) assert.equal(answer.outcome, expected.outcome);
    if (expected.nothing !== undefined) {
      assert.equal(answer.outcome, 'nothing');
      const why = [answer.reason, ...answer.candidates.map((each) => each.reason)].join('; ');
      assert.ok(why.includes(expected.nothing), why);
    }
  }
}

/**
 * @param {import('meshscope').Evaluation} evaluation
 * @param {import('../gallery.mjs').Expectation} expected
 */
function checkService(evaluation, expected) {
  const [kind, name] = /** @type {string} */ (expected.service).split(' ');
  const found = evaluation.services.filter((each) => each.kind === kind && each.displayName === name);
  const service = found.find((each) => each.origin !== 'synced') ?? found[0];
  assert.ok(service, `there is no ${expected.service}`);
  const own = service.hostnames.filter((each) => !/^(local|synced)-/.test(each.generator));
  if (expected.hostnames) {
    assert.deepEqual(
      own.map((each) => each.hostname),
      expected.hostnames,
    );
  }
  if (expected.trouble !== undefined) {
    const trouble = own.map((each) => `${each.status} ${each.message ?? ''} ${each.explanation ?? ''}`).join('; ');
    assert.ok(own.every((each) => each.status !== 'generated') && trouble.includes(expected.trouble), trouble);
  }
  if (expected.selected) assert.deepEqual(service.selected, expected.selected);
  if (expected.conflict) assert.equal(service.conflict?.portsFrom, expected.conflict);
  if (expected.members) {
    const inZone = found.find((each) => each.members) ?? service;
    assert.deepEqual(
      (inZone.members ?? []).map((kri) => kri.split('_')[5]),
      expected.members,
    );
  }
}

/**
 * @param {import('meshscope').World} world
 * @param {import('../gallery.mjs').Expectation} expected
 */
function checkRequest(world, expected) {
  const report = world.request(/** @type {import('meshscope').RequestInput} */ (expected.request));
  assert.equal(report.outcome, expected.outcome, report.summary);
  assert.deepEqual(
    report.backends.map(({ destination, share }) =>
      [destination.name, destination.port, destination.zone, `${Math.round(share * 1000) / 10} %`]
        .filter(Boolean)
        .join(' '),
    ),
    expected.lands,
  );
}

/**
 * @param {import('meshscope').World} world
 * @param {import('../gallery.mjs').Expectation} expected
 */
function checkProxy(world, expected) {
  const [zone = '', mesh = '', name = ''] = (expected.proxy ?? '').split('/');
  const report = world.proxy({ zone, mesh, name });
  const outbound = report?.outbounds.find(
    ({ destination }) => `${destination.name} ${destination.port}` === expected.outbound,
  );
  const policy = outbound?.policies.find((each) => each.kind === expected.policy);
  assert.ok(policy, `${expected.proxy} has no ${expected.policy} for ${expected.outbound}`);
  assert.deepEqual(
    Object.fromEntries(policy.fields.map((field) => [field.path, `${field.value} ${field.origin.name}`])),
    expected.fields,
  );
}

describe('the gallery', () => {
  const all = worlds();

  it('has at least 15 worlds', () => assert.ok(all.length >= 15, `${all.length}`));

  for (const world of all) {
    describe(`${world.id}: ${world.title}`, () => {
      it('has a lesson of at most two sentences and something to expect', () => {
        assert.ok(world.lesson.split(/[.?!] /).length <= 2);
        assert.ok(world.expect.length > 0);
      });

      it('has no problem without a reason', () => {
        for (const { message } of evaluate(world.sources).diagnostics) assert.doesNotMatch(message, /[:,]\s*$/);
      });

      for (const expected of world.expect) {
        const what = [
          expected.mode,
          expected.rule ?? expected.service ?? expected.problem ?? expected.request?.path ?? expected.proxy,
        ]
          .filter(Boolean)
          .join(': ');
        it(what, () => {
          const evaluation = evaluate(world.sources, expected.mode ? { mode: expected.mode } : {});
          if (expected.request ?? expected.proxy) {
            const built = createWorld(world.sources);
            if (expected.request) checkRequest(built, expected);
            if (expected.proxy) checkProxy(built, expected);
            built.free();
          }
          if (expected.rule) checkRule(evaluation, expected);
          if (expected.service) checkService(evaluation, expected);
          if (expected.problem) {
            const codes = evaluation.diagnostics.map((each) => each.code);
            assert.ok(codes.includes(expected.problem), codes.join(', '));
          }
        });
      }

      if (!world.expect.some((each) => each.problem)) {
        it('is taken by Kuma', () => {
          const errors = evaluate(world.sources).diagnostics.filter((each) => each.severity === 'error');
          assert.deepEqual(
            errors.map((each) => `${each.code} ${each.message}`),
            [],
          );
        });
      }
    });
  }
});
