import { ApiProblem } from '../api/client.ts';
import { explainKafkaError } from '../ingest/kafka/kafka-errors.ts';
import { LogMismatch } from '../ingest/kafka/log-source.ts';
import { NewerBuild } from '../ingest/newer-build.ts';
import { MigrationError } from '../store/migration-error.ts';
import { EmbeddedEngineMissing, StoreLocked, StoreUnavailable } from '../store/store.ts';
import { cleaned } from './cleaned.ts';
import { ConfigError } from './config.ts';
import { CommandFailure, EXIT } from './context.ts';
import { LogSetupError } from './log-setup-error.ts';

/** What a person is told of an error, and how the process ends. Errors nobody expected keep their stack. */
export function explainFailure(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CommandFailure) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof ConfigError) return { message: error.message, exitCode: EXIT.usage };
  if (error instanceof StoreLocked) {
    return {
      message: `${error.message} Is another picket running on this folder? Use it, or stop it first.`,
      exitCode: EXIT.failure,
    };
  }
  if (error instanceof NewerBuild) return { message: error.message, exitCode: EXIT.outdated };
  if (error instanceof ApiProblem) return refused(error);
  const known = EXPLAINED.some((kind) => error instanceof kind);
  if (known) return { message: (error as Error).message, exitCode: EXIT.failure };
  const kafka = kafkaFault(error);
  if (kafka !== undefined) return { message: kafka, exitCode: EXIT.failure };
  if (error instanceof Error && error.name === 'AbortError') return { message: 'Interrupted.', exitCode: EXIT.failure };
  const network = networkFault(error);
  if (network !== undefined) {
    return { message: `The server cannot be reached (${network}). Is it running?`, exitCode: EXIT.failure };
  }
  if (isFileError(error))
    return { message: `${error.path ?? 'file'}: ${FILE_ERRORS[error.code] ?? error.code}`, exitCode: EXIT.usage };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: EXIT.failure };
}

/** What the API advises is for who writes requests; this is for who typed a command. */
const ADVICE: Readonly<Record<string, { action: string; exitCode?: number }>> = {
  invalid_request: { action: 'Correct it and run the command again.', exitCode: EXIT.usage },
  bad_cursor: { action: 'Copy the cursor of the page before, or start without --cursor.', exitCode: EXIT.usage },
  unauthorized: { action: 'Pass a valid API key with --key or PICKET_API_KEY.' },
  forbidden: { action: 'Pass an API key that carries the scope, with --key or PICKET_API_KEY.' },
  key_ended: { action: 'Make a new key with `picket keys create`.' },
  not_found: { action: 'Check what you named, and --url if you gave one.' },
};

function refused({ code, detail, problem }: ApiProblem): { message: string; exitCode: number } {
  const { action = problem.action ?? '', exitCode = EXIT.failure } = ADVICE[code] ?? {};
  return { message: cleaned([detail, action]).filter(Boolean).join(' '), exitCode };
}

/** Errors whose own message says what happened and what to do. */
const EXPLAINED = [MigrationError, EmbeddedEngineMissing, StoreUnavailable, LogSetupError, LogMismatch];

function kafkaFault(error: unknown): string | undefined {
  const explained = explainKafkaError(error);
  if (explained !== undefined) return explained;
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return undefined;
  return `Kafka cannot be used (${error.name}). Do the brokers run, and is KAFKA_BROKERS right? \`picket doctor\` looks closer.`;
}

const FILE_ERRORS: Record<string, string> = {
  ENOENT: 'no such file or folder.',
  EACCES: 'permission denied.',
  EISDIR: 'is a folder, not a file.',
  EADDRINUSE: 'the port is taken; choose another with --port.',
};

const isFileError = (error: unknown): error is NodeJS.ErrnoException & { code: string } =>
  error instanceof Error && ((error as NodeJS.ErrnoException).code ?? '') in FILE_ERRORS;

/** `fetch` reports every failure as a TypeError; what happened is its cause. */
function networkFault(error: unknown): string | undefined {
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return undefined;
  return (error.cause as NodeJS.ErrnoException).code ?? error.cause.message;
}
