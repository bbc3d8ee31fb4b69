// The vendor's TypeScript SDK reads a running simulator. Needs SIMULATOR_URL, and
// SIMULATOR_KEY if the simulator asks for a certain key. The simulator has to play
// its demo organization. Exits with 1 and a message if anything is not as expected.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';

const baseURL = process.env.SIMULATOR_URL;
if (!baseURL) {
  console.error('SIMULATOR_URL is not set');
  process.exit(1);
}
const client = new Anthropic({
  baseURL,
  apiKey: process.env.SIMULATOR_KEY ?? 'sk-ant-admin01-peer',
  authToken: null,
  maxRetries: 0,
  timeout: 20_000,
});

async function all(pages) {
  const out = [];
  for await (const item of pages) out.push(item);
  return out;
}

const sum = (rows, of) => rows.reduce((n, row) => n + of(row), 0);
const { now } = await (await fetch(new URL('/simulate/clock', baseURL))).json();
const to = new Date(Date.parse(now) - 10 * 60_000);
to.setUTCSeconds(0, 0);
const from = new Date(to.getTime() - 60 * 60_000);
const span = { starting_at: from.toISOString(), ending_at: to.toISOString() };

const checks = {
  async 'organization'() {
    const me = await client.organization.retrieve();
    assert.equal(me.name, 'Acme Robotics');
    assert.equal(me.type, 'organization');
  },

  async 'workspaces'() {
    const live = await all(client.organization.workspaces.list({ limit: 2 }));
    assert.deepEqual(live.map((w) => w.name), ['prod-agents', 'payments', 'nightly-batch', 'Claude Code']);
    const every = await all(client.organization.workspaces.list({ limit: 1, include_default: true, include_archived: true }));
    assert.equal(every.length, 6);
    assert.ok(every.every((w) => w.id.startsWith('wrkspc_')));
    assert.equal(every.filter((w) => w.archived_at !== null).length, 1);
  },

  async 'API keys'() {
    const keys = await all(client.organization.apiKeys.list({ limit: 3 }));
    assert.equal(keys.length, 8);
    assert.deepEqual(new Set(keys.map((k) => k.scope.type)), new Set(['workspace', 'organization']));
    const archived = await all(client.organization.apiKeys.list({ status: 'archived' }));
    assert.deepEqual(archived.map((k) => k.name), ['poc-2025-key']);
  },

  async 'rate limits'() {
    const groups = await all(client.organization.rateLimits.list());
    const paged = await all(client.organization.rateLimits.list({ limit: 3 }));
    assert.deepEqual(paged, groups);
    assert.deepEqual(
      new Set(groups.map((g) => g.group.type)),
      new Set(['model_group', 'batch', 'token_count', 'files', 'skills', 'web_search']),
    );
    const opus = await all(client.organization.rateLimits.list({ model: 'claude-opus-4-8' }));
    assert.equal(opus.length, 1);
    assert.equal(opus[0].group.display_name, 'Claude Opus 4.x');
    assert.ok(opus[0].limits.some((l) => l.type === 'input_tokens_per_minute_cache_aware' && l.value === 5_000_000));
    await assert.rejects(all(client.organization.rateLimits.list({ model: 'claude-none' })), Anthropic.NotFoundError);
  },

  async 'workspace rate limits'() {
    const agents = (await all(client.organization.workspaces.list())).find((w) => w.name === 'prod-agents');
    const own = await all(client.organization.workspaces.rateLimits.list(agents.id));
    assert.ok(own.flatMap((g) => g.limits).every((l) => l.source.type === 'workspace'));
    assert.ok(own.flatMap((g) => g.limits).some((l) => l.org_limit === null));
    assert.ok(own.flatMap((g) => g.limits).some((l) => l.org_limit !== null && l.value > l.org_limit));
    const inherited = await all(client.organization.workspaces.rateLimits.list(agents.id, { include_inherited: true, limit: 2 }));
    assert.equal(inherited.length, 10);
    const [home] = await all(client.organization.workspaces.list({ include_default: true, limit: 1 }));
    await assert.rejects(all(client.organization.workspaces.rateLimits.list(home.id)), Anthropic.NotFoundError);
  },

  async 'analytics usage against the legacy report'() {
    const query = { ...span, time_bucket_width: '1m', order_by: 'time', order: 'asc', group_by: ['model', 'workspace_id', 'service_tier'] };
    const rows = await all(client.beta.organization.analytics.usage.list({ ...query, limit: 1000 }));
    const paged = await all(client.beta.organization.analytics.usage.list({ ...query, limit: 17 }));
    assert.ok(rows.length > 100, `only ${rows.length} rows`);
    assert.deepEqual(paged, rows);
    const page = await client.beta.organization.analytics.usage.list({ ...query, limit: 1 });
    assert.equal(page.data.length, 1);
    assert.ok(page.has_more && Date.parse(page.data_refreshed_at) <= Date.parse(now));

    const buckets = [];
    for (let next; ; ) {
      const report = await client.get('/v1/organizations/usage_report/messages', {
        query: { ...span, bucket_width: '1m', limit: 25, group_by: ['model', 'workspace_id', 'service_tier'], ...(next && { page: next }) },
      });
      buckets.push(...report.data);
      next = report.next_page;
      if (!report.has_more) break;
    }
    assert.equal(buckets.length, 60);
    const results = buckets.flatMap((b) => b.results);
    assert.ok(results.some((r) => r.workspace_id === null), 'the default workspace is null in the legacy report');
    assert.ok(rows.every((r) => r.group.workspace_id !== null));
    for (const name of ['uncached_input_tokens', 'cache_read_input_tokens', 'output_tokens']) {
      assert.equal(sum(results, (r) => r[name]), sum(rows, (r) => r.usage[name]), name);
    }
  },

  async 'analytics cost'() {
    const query = { ...span, group_by: ['workspace_id'] };
    const rows = await all(client.beta.organization.analytics.cost.list({ ...query, limit: 2 }));
    const fanned = await all(client.beta.organization.analytics.cost.list({ ...query, group_by: ['workspace_id', 'cost_type', 'token_type'], limit: 2 }));
    const cents = (list) => sum(list, (r) => Number(r.cost.amount));
    assert.ok(cents(rows) > 0 && Math.abs(cents(rows) - cents(fanned)) < 1e-3, `${cents(rows)} and ${cents(fanned)}`);
    assert.ok(rows.every((r) => r.cost.requests !== null) && fanned.every((r) => r.cost.requests === null));
    assert.ok(rows.every((r) => Number(r.cost.list_amount) >= Number(r.cost.amount)));
    const legacy = await client.get('/v1/organizations/cost_report', {
      query: { starting_at: from.toISOString(), group_by: ['description'] },
    });
    assert.ok(legacy.data.length > 0 && legacy.data[0].results.length > 0);
  },

  async 'refusals'() {
    const six = ['model', 'workspace_id', 'product', 'speed', 'service_tier', 'actor'];
    await assert.rejects(all(client.beta.organization.analytics.usage.list({ ...span, group_by: six })), Anthropic.BadRequestError);
    await assert.rejects(client.get('/v1/organizations/analytics/usage', { query: span }), Anthropic.BadRequestError); // no beta header
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok    ${name}`);
  } catch (err) {
    failed++;
    console.error(`FAIL  ${name}: ${err?.message ?? err}`);
  }
}
process.exit(failed ? 1 : 0);
