/**
 * Splits a file of SQL into its statements. A statement ends at a `;` outside of quotes and comments with nothing but a comment
 * behind it on its line. Comments stay where they are; pieces that hold nothing but comments are left out.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let at = 0;
  let empty = true;
  const end = (until: number) => {
    if (!empty) statements.push(sql.slice(start, until).trim());
    empty = true;
  };
  while (at < sql.length) {
    const next = skipToken(sql, at);
    if (sql[at] === ';' && endsItsLine(sql, next)) {
      end(at);
      start = next;
    } else if (!isBlankOrComment(sql, at)) {
      empty = false;
    }
    at = next;
  }
  end(sql.length);
  return statements;
}

/** `;` inside a line is left alone: it may stand in a place this splitter does not understand. */
function endsItsLine(sql: string, after: number): boolean {
  return /^[ \t\r]*(?:--.*)?$/.test(sql.slice(after, lineEnd(sql, after)));
}

/** The position after the token at `at`: a whole quoted text, a whole comment, or one character. */
function skipToken(sql: string, at: number): number {
  const char = sql[at];
  if (char === "'" || char === '"' || char === '`') return afterQuoted(sql, at, char);
  if (sql.startsWith('--', at)) return lineEnd(sql, at);
  if (sql.startsWith('/*', at)) return afterOrEnd(sql, sql.indexOf('*/', at + 2), 2);
  return at + 1;
}

function afterQuoted(sql: string, open: number, quote: string): number {
  for (let at = open + 1; at < sql.length; at++) {
    if (sql[at] === '\\') at++;
    else if (sql[at] === quote) return at + 1;
  }
  throw new SyntaxError(`A ${quote} that opens on line ${lineNumber(sql, open)} is never closed.`);
}

function isBlankOrComment(sql: string, at: number): boolean {
  return /\s/.test(sql[at] ?? ' ') || sql.startsWith('--', at) || sql.startsWith('/*', at);
}

function lineEnd(sql: string, at: number): number {
  return afterOrEnd(sql, sql.indexOf('\n', at), 0);
}

function afterOrEnd(sql: string, index: number, width: number): number {
  return index < 0 ? sql.length : index + width;
}

function lineNumber(sql: string, at: number): number {
  return sql.slice(0, at).split('\n').length;
}
