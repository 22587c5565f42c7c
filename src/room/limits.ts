// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

/** A second, and at once. */
type Rate = readonly [number, number];

/** The bounds of the service. What a command line may change is in config.ts. */
export const limits = {
  /** Bytes of one WebSocket message. */
  message: 256 * 1024,
  /** Bytes of one producer's appData as JSON. */
  appData: 8 * 1024,
  /** Bytes that may wait in a peer's socket before it counts as lost. */
  sendBacklog: 4 * 1024 * 1024,
  rooms: 200,
  /** TCP connections of the service, WebSockets and others. */
  connections: 8192,
  /** The same of one address: a hall full of listeners, and no more. */
  connectionsPerAddress: 512,
  /** How often one address may ask whether it would be let in: a second, and at once. */
  knocks: [5, 60] as Rate,
  /** Invites of a room that are good; those that have ended do not count. */
  invitesPerRoom: 100,
  /** With those that have ended: what a list may hold. */
  inviteRecordsPerRoom: 200,
  /** People of a room in side rooms, those that are away included. */
  isolations: 128,
  /** Peers of a room that are connected and have not joined. */
  lobby: 16,
  /** The same of one address, so that nobody alone keeps the others out. */
  lobbyPerAddress: 8,
  /** Two ways for each medium, and of one medium twice while a rebuild goes on. */
  transportsPerPeer: 8,
  /** A camera and a screen, and twice four strips. */
  producersPerPeer: { audio: 8, video: 2 },
  /** Old and new together, while a rebuild goes on. */
  producersPerPeerRebuilding: { audio: 16, video: 4 },
  /** Of one picture: sizes that it is sent in at the same time. */
  encodings: 3,
  consumersPerPeer: 512,
  /** Requests of one peer that wait for their answer. */
  openRequests: 64,
  /** Frames a second of one peer, and how many may come at once. */
  framesPerSecond: 50,
  frameBurst: 200,
  /** Of one peer: how many a second, and how many at once. What is more is refused or dropped. */
  methods: {
    /** Five in half a second, then at most four a second; a peer that was asleep may catch up. */
    clock: [10, 40],
    setTempo: [5, 20],
    sendChat: [1, 10],
    setConsumerPreferredLayers: [2, 8],
    requestConsumerKeyFrame: [2, 8],
    createInvite: [1, 10],
    listInvites: [2, 10],
    renewInvite: [1, 10],
    revokeInvite: [2, 100],
    lockRoom: [2, 10],
    removePeer: [2, 20],
    mutePeer: [5, 40],
    /** Nobody is to be pestered. */
    askUnmute: [1, 5],
    isolatePeer: [5, 40],
    setSpotlight: [5, 20],
    setRole: [2, 20],
    linkReport: [1, 3],
    /** One a second for each producer, of which there may be two of each strip twice. */
    rtpClock: [16, 32],
    planApplied: [10, 40],
  } as Readonly<Record<string, Rate>>,
  /** Messages of a room that are kept for who joins later. */
  chatMessages: 100,
  /** As JSON: the answer to `join` has to fit into a message. */
  chatBytes: 96 * 1024,
  /** People in all side rooms together, as they are told. */
  isolatedPairs: 1024,
  /** Changes of the tempo of one room, by whomever. */
  roomTempos: [20, 80] as Rate,
  /**
   * Seconds without ICE consent until media counts as lost. libnice asks every 4 to 6 s, once each
   * time: two questions may get lost.
   */
  iceConsentSeconds: 20,
  /** Round trips measured before a client joins. */
  firstPings: 10,
  /** Bytes that may wait in a worker's UDP socket; the kernel gives what it allows. */
  socketBuffer: 1024 * 1024,
  /** Frames over the rate, and notifications that are wrong, before a peer is thrown out. */
  abuse: 200,
  wrongNotifications: 20,
} as const;
