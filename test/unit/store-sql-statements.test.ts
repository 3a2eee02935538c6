/** The splitter must cut where a statement ends and nowhere else: a cut in the wrong place runs half a statement. */
import { describe, expect, it } from 'vitest';
import { splitStatements } from '../../store/sql-statements.ts';

describe('splitStatements', () => {
  it.each([
    ['nothing', '', []],
    ['only comments', '-- one;\n/* two; */\n', []],
    ['one without an end', 'SELECT 1', ['SELECT 1']],
    ['two', 'SELECT 1;\nSELECT 2;\n', ['SELECT 1', 'SELECT 2']],
    ['blanks behind the end', 'SELECT 1;  \t\r\nSELECT 2', ['SELECT 1', 'SELECT 2']],
    ['a comment behind the end', 'SELECT 1; -- why\nSELECT 2;', ['SELECT 1', '-- why\nSELECT 2']],
    ['a semicolon inside a line', 'SELECT 1; SELECT 2;\n', ['SELECT 1; SELECT 2']],
    ['a semicolon in a string', "SELECT 'a;\nb';\nSELECT 2;\n", ["SELECT 'a;\nb'", 'SELECT 2']],
    ['an escaped quote', "SELECT 'a\\';\nb';\nSELECT 2;", ["SELECT 'a\\';\nb'", 'SELECT 2']],
    ['a doubled quote', "SELECT 'a'';\nb';\nSELECT 2;", ["SELECT 'a'';\nb'", 'SELECT 2']],
    ['a quoted name', 'SELECT `a;\nb`, "c;\nd";\nSELECT 2;', ['SELECT `a;\nb`, "c;\nd"', 'SELECT 2']],
    ['a quote in a comment', "-- it's;\nSELECT 1;\nSELECT 2;", ["-- it's;\nSELECT 1", 'SELECT 2']],
    ['a block comment', "/* it's;\n */ SELECT 1;\nSELECT 2;", ["/* it's;\n */ SELECT 1", 'SELECT 2']],
    ['empty statements', ';\n;\nSELECT 1;\n;\n', ['SELECT 1']],
  ])('splits %s', (_, sql, expected) => {
    expect(splitStatements(sql)).toEqual(expected);
  });

  it('names the line of a quote that is never closed', () => {
    expect(() => splitStatements("SELECT 1;\nSELECT 'two;\n")).toThrow(/line 2/);
  });
});
