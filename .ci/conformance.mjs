// Plays the protocol's own storyboards against our sandbox, each on a fresh server.
//
//   node .ci/conformance.mjs PROGRAM RUNNER STORYBOARDS [ID...]
//
// PROGRAM is the built flightdeck, RUNNER the folder into which `npm install @adcp/sdk` went, and
// STORYBOARDS the folder of the protocol's storyboards. Without an ID it plays all that our
// capabilities make applicable. Ends with 1 if any step failed that is not known to be the
// runner's own mistake; steps that do not apply are counted and do not fail.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';

const [program, runner, storyboards, ...only] = process.argv.slice(2);
process.env.ADCP_COMPLIANCE_DIR = resolve(storyboards);
const from = createRequire(join(resolve(runner), 'package.json'));
const { listAllComplianceStoryboards, runStoryboard } = from('@adcp/sdk/testing');
const yaml = from('yaml');

/** The key that opens the sandbox, and the agency that buys in the storyboards. */
const KEY = 'demo-acme-outdoor-v1';
const OPERATOR = 'pinnacle-agency.example';

/** What a seller of media buys is asked: everywhere, and of each specialism that we claim. */
const OURS = [
    /^(capability_discovery|v3_envelope_integrity|error_compliance|schema_validation)$/,
    /^(idempotency|webhook_emission|security_baseline)$/,
    /^(deterministic_testing|comply_controller_mode_gate)$/,
    /^pagination_integrity/, /^get_media_buys_pagination_integrity$/,
    /^media_buy_seller(\/|$)/, /^media_buy_state_machine$/, /^creative_reception$/,
    /^sales_(guaranteed|non_guaranteed|proposal_mode)$/,
];

/** Steps that this version of the runner gets wrong itself. */
const KNOWN = new Map([
    // It sends a day in the future where the storyboard says `asap`, and then wants an active buy.
    ['media_buy_state_machine/create_buy', 'the runner rewrites start_time'],
]);

const port = await new Promise((free) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
        const { port } = probe.address();
        probe.close(() => free(port));
    });
});
const url = `http://127.0.0.1:${port}/mcp`;

/** Starts a server with nothing in it, and waits until it answers. */
async function fresh() {
    const arguments_ = ['serve', '--sandbox', '--ephemeral', '--bind', `127.0.0.1:${port}`];
    const server = spawn(program, arguments_, { stdio: 'ignore' });
    for (let tries = 0; tries < 400; tries += 1) {
        try {
            await fetch(url, { method: 'POST', body: '{}' });
            return server;
        } catch {
            await new Promise((later) => setTimeout(later, 50));
        }
    }
    server.kill();
    throw new Error(`${program} does not answer at ${url}`);
}

async function end(server) {
    const gone = new Promise((ended) => server.on('exit', ended));
    server.kill();
    await gone;
}

/** What a storyboard wants of whoever plays it: the brand, and the key of its test kit. */
function options(storyboard) {
    const named = storyboard.prerequisites?.test_kit;
    const path = named && join(process.env.ADCP_COMPLIANCE_DIR, named);
    const kit = path && existsSync(path) ? yaml.parse(readFileSync(path, 'utf8')) : undefined;
    const domain = kit?.brand?.house?.domain;
    const brand = domain && { domain };
    const { api_key, probe_task } = kit?.auth ?? {};
    return {
        auth: { type: 'bearer', token: KEY },
        allow_http: true,
        contracts: ['webhook_receiver_runner'],
        webhook_receiver: { mode: 'loopback_mock' },
        ...(brand && { brand, context: { account: { brand, operator: OPERATOR } } }),
        ...(probe_task && { test_kit: { auth: { api_key, probe_task } } }),
    };
}

/** Sorts the steps of one play; ways that need not be gone fail nothing. */
function judge(storyboard, played) {
    const told = { passed: 0, failed: [], known: [], skipped: 0 };
    const optional = new Set((storyboard.phases ?? []).filter((one) => one.optional).map((one) => one.id));
    for (const phase of played.phases ?? []) {
        for (const step of phase.steps ?? []) {
            const name = `${storyboard.id}/${step.step_id}`;
            const wrong = (step.validations ?? []).filter((one) => !one.passed);
            if (step.skipped || step.not_applicable) told.skipped += 1;
            else if (step.passed !== false && wrong.length === 0) told.passed += 1;
            else if (optional.has(phase.phase_id)) told.skipped += 1;
            else if (KNOWN.has(name)) told.known.push(`${name}: ${KNOWN.get(name)}`);
            else {
                const why = wrong.map((one) => `${one.description}: ${one.error ?? ''}`);
                told.failed.push(`${name}: ${[step.error, ...why].filter(Boolean).join('; ')}`);
            }
        }
    }
    return told;
}

const wanted = (id) => (only.length ? only.includes(id) : OURS.some((one) => one.test(id)));
const total = { passed: 0, failed: 0, known: 0, skipped: 0, played: 0 };
console.warn = () => {};
for (const storyboard of listAllComplianceStoryboards()) {
    if (!wanted(storyboard.id)) continue;
    const server = await fresh();
    let told;
    try {
        told = judge(storyboard, await runStoryboard(url, storyboard, options(storyboard)));
    } catch (error) {
        told = { passed: 0, failed: [`${storyboard.id}: ${error.message}`], known: [], skipped: 0 };
    }
    await end(server);
    const counts = `${told.passed} passed, ${told.failed.length} failed, ${told.skipped} skipped`;
    console.log(`${told.failed.length ? 'FAILED' : 'ok    '} ${storyboard.id}: ${counts}`);
    for (const line of told.failed) console.log(`       ${line.slice(0, 600)}`);
    for (const line of told.known) console.log(`       known: ${line}`);
    total.played += 1;
    total.passed += told.passed;
    total.failed += told.failed.length;
    total.known += told.known.length;
    total.skipped += told.skipped;
}
const { played, passed, failed, known, skipped } = total;
console.log(`${played} storyboards: ${passed} steps passed, ${failed} failed, ${known} known, ${skipped} skipped`);
process.exit(played === 0 || failed > 0 ? 1 : 0);
