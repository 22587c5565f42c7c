// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// oracle.mjs PROGRAM: compares what PROGRAM (mapping.c) makes of the fixtures with what mediasoup-client
// and mediasoup make of them. One line a case: "ok NAME" or "not ok NAME" and why; exit code 1 if any failed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import path from 'node:path';

const here = import.meta.dirname;
const require = createRequire(import.meta.url);
const requireRoom = createRequire(path.join(process.env.TUTTI_SOURCE_DIR ?? path.join(here, '../..'), 'src/room/package.json'));
const ortc = require('mediasoup-client/ortc');
const fake = require('mediasoup-client/fakeParameters');
const common = require('mediasoup-client/handlers/sdp/commonUtils');
const unified = require('mediasoup-client/handlers/sdp/unifiedPlanUtils');
const { RemoteSdp } = require('mediasoup-client/handlers/sdp/RemoteSdp');
const sdpTransform = require('sdp-transform');
const server = requireRoom('mediasoup/ortc');

const TWCC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const fixture = (name) => JSON.parse(readFileSync(path.join(here, 'fixtures', `${name}.json`), 'utf8'));
const clone = (value) => JSON.parse(JSON.stringify(value));

// -- the program under test

const program = spawn(process.argv[2], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
async function call (request) {
  program.stdin.write(`${JSON.stringify(request)}\n`);
  const { value, done } = await answers.next();
  assert(!done, 'the program ended');
  return JSON.parse(value);
}

const transport = fixture('transport');
// Names would be looked up: addresses only.
transport.iceCandidates = transport.iceCandidates.filter(({ address }) => !address.endsWith('.net'));
const routers = {
  'audio': fixture('router-audio'), 'audio-video': fixture('router-audio-video'),
  'everything': fixture('router-everything'), 'fake': fake.generateRouterRtpCapabilities(),
};

// -- what we can decode, as mediasoup-client would be told it, with payload types of its own

const native = (video) => ({
  codecs: [
    { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 120, clockRate: 48000, channels: 2, parameters: {}, rtcpFeedback: [] },
    ...(video ? [
      { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 121, clockRate: 90000, parameters: {},
        rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }, { type: 'transport-cc' }] },
      { kind: 'video', mimeType: 'video/rtx', preferredPayloadType: 122, clockRate: 90000, parameters: { apt: 121 }, rtcpFeedback: [] },
    ] : []),
  ],
  headerExtensions: video ? [{ kind: 'video', uri: TWCC, preferredId: 3, preferredEncrypt: false, direction: 'sendrecv' }] : [],
});

// Order, case of names and defaults left out do not matter.
const plain = (codec) => ({
  ...codec, mimeType: codec.mimeType.toLowerCase(), parameters: codec.parameters ?? {}, channels: codec.channels ?? 1,
  rtcpFeedback: (codec.rtcpFeedback ?? []).map(({ type, parameter }) => ({ type, parameter: parameter ?? '' })),
});
const by = (key) => (a, b) => String(a[key]).localeCompare(String(b[key]));
const sorted = (list, key) => [...list].sort(by(key));

const cases = {};

for (const [name, router] of Object.entries(routers)) {
  for (const video of [false, true]) {
    cases[`receive capabilities of router ${name}${video ? ' with video' : ''}`] = async () => {
      const ours = await call({ call: 'receiveCapabilities', router, video });
      const local = native(video);
      ortc.validateAndNormalizeRtpCapabilities(local);
      const theirs = ortc.getRecvRtpCapabilities(ortc.getExtendedRtpCapabilities(local, clone(router), false));
      assert.deepEqual(sorted(ours.codecs.map(plain), 'preferredPayloadType'), sorted(clone(theirs.codecs).map(plain), 'preferredPayloadType'));
      assert.deepEqual(ours.headerExtensions, clone(theirs.headerExtensions));
      // And the server takes them for consuming what such a router can carry.
      server.validateAndNormalizeRtpCapabilities(clone(ours));
    };
  }
}

// -- sending

function clientParameters (offer, index, router) {
  const sdpObject = sdpTransform.parse(offer);
  const local = common.extractRtpCapabilities({ sdpObject });
  ortc.validateAndNormalizeRtpCapabilities(local);
  const parameters = ortc.getSendingRtpParameters('audio', ortc.getExtendedRtpCapabilities(local, clone(router), false));
  const media = sdpObject.media[index];
  parameters.codecs = ortc.reduceCodecs(parameters.codecs);
  // mediasoup-client reads the whole offer's codecs once; each section says its own.
  const fmtp = sdpTransform.parseParams(media.fmtp?.[0]?.config ?? '');
  parameters.codecs[0].parameters = fmtp;
  parameters.mid = String(media.mid);
  parameters.rtcp = { cname: common.getCname({ offerMediaObject: media }), reducedSize: true };
  parameters.encodings = unified.getRtpEncodings({ offerMediaObject: media, codecs: parameters.codecs });
  return { parameters: clone(parameters), dtls: common.extractDtlsParameters({ sdpObject }) };
}

function compareParameters (ours, theirs) {
  assert.deepEqual(ours.codecs.map(plain), theirs.codecs.map(plain));
  assert.deepEqual(sorted(ours.headerExtensions, 'id'), sorted(theirs.headerExtensions.map((e) => ({ parameters: {}, encrypt: false, ...e })), 'id'));
  assert.deepEqual(ours.encodings, theirs.encodings);
  assert.deepEqual(ours.rtcp, theirs.rtcp);
  assert.equal(ours.mid, theirs.mid);
}

function serverTakes (parameters, router) {
  const copy = clone(parameters);
  server.validateAndNormalizeRtpParameters(copy);
  const mapping = server.getProducerRtpParametersMapping(copy, clone(router));
  const consumable = server.getConsumableRtpParameters('audio', copy, clone(router), mapping);
  return consumable;
}

const sendings = {
  'one stereo stream of 2.5 ms': { streams: [{ frame: 120, channels: 2 }] },
  'three streams, each of its own length': { streams: [{ frame: 120, channels: 2 }, { frame: 240, channels: 1 }, { frame: 960, channels: 2 }] },
  'a header extension': { streams: [{ frame: 240, channels: 1 }],
    extensions: [{ kind: 'audio', uri: TWCC, preferredId: 5, preferredEncrypt: false, direction: 'recvonly' }] },
};
for (const [name, { streams, extensions = [] }] of Object.entries(sendings)) {
  cases[`a real offer: ${name}`] = async () => {
    const router = routers['audio-video'];
    const answer = await call({ call: 'offer', transport, router, streams, extensions });
    assert.equal(answer.error, undefined);
    assert.equal(answer.parameters.length, streams.length);
    const capabilities = await call({ call: 'receiveCapabilities', router, video: false });
    const ssrcs = new Set();
    for (const [index, ours] of answer.parameters.entries()) {
      const { parameters: theirs, dtls } = clientParameters(answer.sdp, index, router);
      // A router may not list the extension for audio; then mediasoup-client leaves it out.
      theirs.headerExtensions = theirs.headerExtensions.length ? theirs.headerExtensions : extensions.map((e) => ({ uri: e.uri, id: e.preferredId }));
      compareParameters(ours, theirs);
      compareParameters(await call({ call: 'sendParameters', offer: answer.sdp, index, router }), theirs);
      assert.deepEqual(answer.dtls, { ...clone(dtls), role: 'client' });
      assert(!ours.codecs[0].rtcpFeedback.some(({ type }) => type === 'nack'));
      ssrcs.add(ours.encodings[0].ssrc);
      const consumable = serverTakes(ours, router);
      assert(server.canConsume(consumable, clone(capabilities)));
      const consumer = server.getConsumerRtpParameters({ consumableRtpParameters: consumable, remoteRtpCapabilities: clone(capabilities), pipe: false, enableRtx: false });
      assert.equal(consumer.codecs.length, 1);
      assert.deepEqual(consumer.codecs[0].parameters, ours.codecs[0].parameters);
      assert.deepEqual(consumer.headerExtensions, []);
    }
    assert.equal(ssrcs.size, streams.length);
  };
}

// -- descriptions of the other end

const client = () => new RemoteSdp({
  iceParameters: transport.iceParameters, iceCandidates: transport.iceCandidates, dtlsParameters: clone(transport.dtlsParameters),
});
const candidates = (media) => media.candidates.map(({ component, transport: protocol, priority, ip, port, type, tcptype }) => ({ component, protocol, priority, ip, port, type, tcptype }));

function compareSession (ours, theirs) {
  assert.equal(ours.icelite, theirs.icelite);
  assert.deepEqual(ours.groups, theirs.groups);
  // mediasoup-client takes the last fingerprint, we the one that we compare.
  assert.deepEqual(ours.fingerprint, { type: 'sha-256', hash: transport.dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256').value });
  assert.equal(ours.iceUfrag, theirs.media[0].iceUfrag);
  assert.equal(ours.icePwd, theirs.media[0].icePwd);
  assert.equal(ours.media.length, theirs.media.length);
}

function compareMedia (ours, theirs) {
  for (const key of ['type', 'protocol', 'direction', 'setup', 'rtcpMux', 'rtcpRsize', 'endOfCandidates']) assert.equal(ours[key], theirs[key], key);
  assert.notEqual(ours.port, 0);
  assert.equal(String(ours.mid), String(theirs.mid));
  assert.equal(String(ours.payloads), String(theirs.payloads));
  const rtp = ({ payload, codec, rate, encoding }) => ({ payload, codec, rate, encoding: encoding === undefined ? undefined : String(encoding) });
  assert.deepEqual(ours.rtp.map(rtp), theirs.rtp.map(rtp));
  const feedback = (m) => (m.rtcpFb ?? []).map(({ payload, type, subtype }) => [payload, type, subtype ?? '']);
  assert.deepEqual(feedback(ours), feedback(theirs));
  assert.deepEqual(candidates(ours), candidates(theirs));
}

for (const names of [['audio'], ['video'], ['audio', 'video', 'audio']]) {
  cases[`an offer of consumers: ${names.join(', ')}`] = async () => {
    const streams = names.map((name, index) => {
      const stream = fixture(`consumer-${name}`);
      stream.rtpParameters.mid = String(index);
      stream.rtpParameters.encodings[0].ssrc += 10 * index;
      stream.rtpParameters.rtcp.cname = `c${index}`;
      return stream;
    });
    const ours = sdpTransform.parse((await call({ call: 'remote', transport, streams })).sdp);
    const remote = client();
    for (const { kind, rtpParameters, consumerId } of streams) {
      remote.receive({ mid: rtpParameters.mid, kind, offerRtpParameters: clone(rtpParameters), streamId: 'peer', trackId: consumerId });
    }
    const theirs = sdpTransform.parse(remote.getSdp());
    compareSession(ours, theirs);
    for (const [index, media] of ours.media.entries()) {
      const other = theirs.media[index];
      compareMedia(media, other);
      const ssrcs = (m) => m.ssrcs.filter(({ attribute }) => attribute === 'cname');
      assert.deepEqual(ssrcs(media), ssrcs(other));
      assert.deepEqual(media.ssrcGroups, other.ssrcGroups);
      assert.deepEqual(media.msid, other.msid);
      // On purpose: only the extensions that we advertise, and of fmtp only what repeats what.
      assert.deepEqual(media.ext ?? [], other.ext.filter(({ uri }) => uri === TWCC));
      assert.deepEqual(media.fmtp, other.fmtp.filter(({ config }) => config.startsWith('apt=')));
    }
  };
}

cases['an answer to what we send'] = async () => {
  const router = routers['audio-video'];
  const { sdp: offer, parameters } = await call({ call: 'offer', transport, router, streams: [{ frame: 120, channels: 2 }, { frame: 240, channels: 1 }], extensions: [] });
  const streams = parameters.map((rtpParameters) => ({ kind: 'audio', rtpParameters }));
  const ours = sdpTransform.parse((await call({ call: 'remote', transport, send: true, streams })).sdp);
  const remote = client();
  remote.updateDtlsRole('server');
  for (const [index, media] of sdpTransform.parse(offer).media.entries()) {
    remote.send({ offerMediaObject: media, offerRtpParameters: clone(parameters[index]), answerRtpParameters: clone(parameters[index]), codecOptions: {} });
  }
  const theirs = sdpTransform.parse(remote.getSdp());
  compareSession(ours, theirs);
  for (const [index, media] of ours.media.entries()) {
    compareMedia(media, theirs.media[index]);
    const config = (m) => m.fmtp.map(({ payload, config: text }) => [payload, sdpTransform.parseParams(text)]);
    assert.deepEqual(config(media), config(theirs.media[index]));
  }
};

cases['made-up consumers of mediasoup-client'] = async () => {
  for (const codecMimeType of ['audio/opus', 'audio/ISAC', 'video/VP8', 'video/H264']) {
    const { kind, rtpParameters, id } = clone(fake.generateConsumerRemoteParameters({ codecMimeType }));
    const { sdp } = await call({ call: 'remote', transport, streams: [{ kind, rtpParameters, consumerId: id }] });
    const { media } = sdpTransform.parse(sdp);
    assert.equal(media.length, 1, codecMimeType);
    assert.equal(String(media[0].payloads), rtpParameters.codecs.map(({ payloadType }) => payloadType).join(' '));
  }
};

let failures = 0;
for (const [name, run] of Object.entries(cases)) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    failures++;
    console.log(`not ok ${name}\n${String(error.stack).replace(/^/gm, '# ')}`);
  }
}
program.stdin.end();
const code = await new Promise((resolve) => { program.on('close', resolve); });
console.log(`${code === 0 ? 'ok' : 'not ok'} the program ends cleanly`);
process.exit(failures > 0 || code !== 0 ? 1 : 0);
