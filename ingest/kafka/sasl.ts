import type { AuthenticationProviderArgs, Authenticator, Mechanism } from 'kafkajs';
import plain from 'kafkajs/src/broker/saslAuthenticator/plain.js';
import scram256 from 'kafkajs/src/broker/saslAuthenticator/scram256.js';
import scram512 from 'kafkajs/src/broker/saslAuthenticator/scram512.js';
import type { KafkaSasl } from './settings.ts';

const PROVIDERS = { plain, 'scram-sha-256': scram256, 'scram-sha-512': scram512 } satisfies Record<
  KafkaSasl['mechanism'],
  unknown
>;

/**
 * kafkajs's own authentication, except that a connection lost on the way is that, and is tried again. kafkajs reports it as a refused
 * password: a broker that restarts at the wrong moment would end the process.
 */
export function createSasl({ mechanism, username, password }: KafkaSasl): Mechanism {
  return {
    mechanism,
    authenticationProvider: (args) => reportingLosses(PROVIDERS[mechanism]({ username, password }), args),
  };
}

type Provider = (args: AuthenticationProviderArgs) => Authenticator;

function reportingLosses(provider: Provider, args: AuthenticationProviderArgs): Authenticator {
  let loss: unknown;
  const authenticator = provider({
    ...args,
    saslAuthenticate: (exchange) =>
      args.saslAuthenticate(exchange).catch((error: unknown) => {
        if (isRetriable(error)) loss = error;
        throw error;
      }),
  });
  return {
    authenticate: () =>
      authenticator.authenticate().catch((error: unknown) => {
        throw loss ?? error;
      }),
  };
}

const isRetriable = (error: unknown): boolean => error instanceof Error && Reflect.get(error, 'retriable') === true;
