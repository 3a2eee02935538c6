import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { secureOptions } from './client.ts';
import type { KafkaTls } from './settings.ts';
import { WireError, WireReader } from './wire-reader.ts';

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** By API key. */
export type ApiVersions = ReadonlyMap<number, VersionRange>;

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** Absent: plaintext. */
  readonly tls?: KafkaTls;
  /** For the connection and the answer together. */
  readonly timeoutMs: number;
}

export type ProbeCode =
  | 'connect_failed'
  | 'timeout'
  /** The broker hung up before its answer was whole. */
  | 'closed'
  /** A TLS alert came back for plaintext. */
  | 'tls_expected'
  /** The certificate of either side was not accepted, or what answers does not speak TLS. */
  | 'tls_failed'
  | 'response_too_large'
  | 'invalid_response'
  /** The broker answered with an error code of the protocol. */
  | 'refused';

export class ProbeError extends Error {
  override readonly name = 'ProbeError';
  readonly code: ProbeCode;

  constructor(code: ProbeCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A broker of today answers with less than a kilobyte. */
const RESPONSE_BYTES_MAX = 64 * 1024;

/**
 * Asks a broker which versions of which requests it takes: ApiVersions version 0, which every Kafka since 0.10 answers, also before a
 * login. Rejects with `ProbeError`.
 */
export async function fetchApiVersions(address: BrokerAddress): Promise<ApiVersions> {
  const payload = await exchange(address, REQUEST);
  try {
    return readVersions(new WireReader(payload));
  } catch (error) {
    if (error instanceof WireError) throw notKafka(error);
    throw error;
  }
}

const CORRELATION_ID = 0x7069636b;
/** Length, API key 18, version 0, correlation id, no client id. */
const REQUEST = Buffer.from('0000000a001200007069636bffff', 'hex');

function readVersions(reader: WireReader): ApiVersions {
  if (reader.int32() !== CORRELATION_ID) throw notKafka();
  const errorCode = reader.int16();
  if (errorCode !== 0) {
    throw new ProbeError('refused', `The broker refused to list its API versions (error ${errorCode}).`);
  }
  const entries = reader.array(6, () => [reader.int16(), { min: reader.int16(), max: reader.int16() }] as const);
  return new Map(entries);
}

const notKafka = (cause?: Error): ProbeError =>
  new ProbeError(
    'invalid_response',
    'What answers on this port does not speak the Kafka protocol; check the address.',
    {
      cause,
    },
  );

/** Sends `request` and resolves with the answer, without its length. */
function exchange(address: BrokerAddress, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = open(address, () => socket.write(request));
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settled();
    };
    const fail = (error: ProbeError) => settle(() => reject(error));
    const timer = setTimeout(
      () => fail(new ProbeError('timeout', `The broker did not answer within ${address.timeoutMs} ms.`)),
      address.timeoutMs,
    );
    let answer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const flaw = flawOf(answer);
      if (flaw !== undefined) return fail(flaw);
      if (answer.length >= 4 && answer.length >= 4 + answer.readInt32BE(0)) {
        settle(() => resolve(answer.subarray(4, 4 + answer.readInt32BE(0))));
      }
    });
    socket.on('error', (error) => fail(connectionError(error)));
    socket.on('close', () => fail(new ProbeError('closed', 'The broker closed the connection without an answer.')));
  });
}

function open({ host, port, tls }: BrokerAddress, onOpen: () => void): Socket {
  if (tls === undefined) return connectPlain({ host, port }, onOpen);
  return connectTls({ host, port, ...secureOptions(tls) }, onOpen);
}

/** A TLS record of the type alert. As a length it would be 352 MB, for which a Kafka client would wait. */
const TLS_ALERT = 0x1503;

function flawOf(answer: Buffer): ProbeError | undefined {
  if (answer.length < 4) return undefined;
  if (answer.readUInt16BE(0) === TLS_ALERT) {
    return new ProbeError('tls_expected', 'The port speaks TLS; set kafka.tls, or use the plaintext port.');
  }
  const length = answer.readInt32BE(0);
  if (length < 0) return notKafka();
  if (length <= RESPONSE_BYTES_MAX) return undefined;
  return new ProbeError('response_too_large', `The broker announces an answer of ${length} bytes; is it Kafka?`);
}

/** By `code` of Node: what starts like this is about certificates or the TLS protocol. */
const TLS_CODES = /^(ERR_(SSL|TLS|OSSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/;

function connectionError(cause: Error): ProbeError {
  const code = String(Reflect.get(cause, 'code') ?? '');
  if (TLS_CODES.test(code)) {
    return new ProbeError('tls_failed', `The TLS connection failed (${code}).`, { cause });
  }
  return new ProbeError('connect_failed', `The connection failed (${code}).`, { cause });
}
