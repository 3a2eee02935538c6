/** The shape of a playbook file. Descriptions are shown to people whose file is wrong: each says what is allowed. */
import { type Static, Type } from 'typebox';
import { SEVERITY_CHOICE, SEVERITY_WORDS } from '../baselines/severity.ts';

const LIST_MAX = 64;
const SECRETS_MAX = 4;

const names = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: LIST_MAX, description }),
  );
const yesOrNo = (description: string) => Type.Optional(Type.Boolean({ description }));
const SECRET = `one secret or a list of up to 4 during rotation; each whsec_... or \${NAME_OF_AN_ENVIRONMENT_VARIABLE}`;

const WhenSchema = Type.Object(
  {
    severity_min: Type.Optional(
      Type.Enum([...SEVERITY_WORDS], {
        description: `one of ${SEVERITY_CHOICE}; alerts below it are left out`,
      }),
    ),
    detectors: names('a list of 1 to 64 detector names; leave it out to mean all'),
    agent_kinds: names('a list of 1 to 64 kinds of agents; leave it out to mean all'),
    tenants: names('a list of 1 to 64 tenants; leave it out to mean all'),
    on_backfill: yesOrNo('true or false; true also sends alerts on events that arrived a day or more late'),
  },
  { additionalProperties: false, description: 'a mapping of conditions; all of them must hold' },
);

const WebhookSchema = Type.Object(
  {
    url: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: `an https URL, or \${NAME_OF_AN_ENVIRONMENT_VARIABLE} when the URL itself is a secret`,
    }),
    secret: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: SECRETS_MAX })], {
        description: SECRET,
      }),
    ),
    headers: Type.Optional(
      Type.Record(
        Type.String(),
        Type.String({ maxLength: 4096, description: `text in quotes; \${NAME} is replaced` }),
        {
          maxProperties: 16,
          description: 'a mapping of up to 16 header names to text',
        },
      ),
    ),
    timeout_ms: Type.Optional(
      Type.Integer({ minimum: 100, maximum: 30_000, description: 'a whole number of milliseconds from 100 to 30000' }),
    ),
    allow_private_network: yesOrNo('true or false; true lets this webhook reach loopback and private addresses'),
  },
  { additionalProperties: false, description: 'a mapping with at least url' },
);

export const PlaybookSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
      description: 'a name of 1 to 64 lower-case letters, digits and dashes, unique among the playbooks',
    }),
    enabled: yesOrNo('true (the default) or false'),
    when: WhenSchema,
    webhook: WebhookSchema,
    throttle: Type.Optional(
      Type.Object(
        {
          per_agent_minutes: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 10_080, description: 'a whole number of minutes from 1 to 10080' }),
          ),
        },
        { additionalProperties: false, description: 'a mapping with per_agent_minutes' },
      ),
    ),
  },
  { additionalProperties: false, title: 'Picket playbook', description: 'a mapping with name, when and webhook' },
);

export type PlaybookFile = Static<typeof PlaybookSchema>;
