declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  interface DecodedFetch {
    readonly throttleTime: number;
    readonly clientSideThrottleTime: number;
    readonly errorCode: number;
    readonly sessionId: number;
    readonly responses: { topicName: string; partitions: object[] }[];
  }
  const response: { decode: (payload: Buffer) => Promise<DecodedFetch> };

  export type { DecodedFetch };
  export default response;
}

/** Makes the one who logs in to a broker. It wraps every failure, a lost connection too, in an authentication error. */
declare module 'kafkajs/src/broker/saslAuthenticator/plain.js' {
  import type { AuthenticationProviderArgs, Authenticator } from 'kafkajs';

  const plain: (login: { username: string; password: string }) => (args: AuthenticationProviderArgs) => Authenticator;
  export default plain;
}
declare module 'kafkajs/src/broker/saslAuthenticator/scram256.js' {
  export { default } from 'kafkajs/src/broker/saslAuthenticator/plain.js';
}
declare module 'kafkajs/src/broker/saslAuthenticator/scram512.js' {
  export { default } from 'kafkajs/src/broker/saslAuthenticator/plain.js';
}
