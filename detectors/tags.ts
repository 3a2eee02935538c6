/**
 * What a detector's behaviour can be part of: techniques of MITRE ATT&CK (`T...`) and ATLAS 5.6 (`AML.T...`), risks of the OWASP Top 10 for
 * Agentic Applications 2026 (`ASI...`) and for LLM Applications 2025 (`LLM...`). One table, so that a renamed technique is renamed once and
 * the coverage can be read in one place.
 */
export const TECHNIQUES = {
  T1048: 'Exfiltration Over Alternative Protocol',
  T1078: 'Valid Accounts',
  T1213: 'Data from Information Repositories',
  T1485: 'Data Destruction',
  T1496: 'Resource Hijacking',
  T1530: 'Data from Cloud Storage',
  T1567: 'Exfiltration Over Web Service',
  'AML.T0034': 'Cost Harvesting',
  'AML.T0051.001': 'LLM Prompt Injection: Indirect',
  'AML.T0053': 'AI Agent Tool Invocation',
  'AML.T0085': 'Data from AI Services',
  'AML.T0086': 'Exfiltration via AI Agent Tool Invocation',
  'AML.T0101': 'Data Destruction via AI Agent Tool Invocation',
  ASI01: 'Agent Goal Hijack',
  ASI02: 'Tool Misuse and Exploitation',
  ASI03: 'Identity and Privilege Abuse',
  ASI08: 'Cascading Failures',
  ASI10: 'Rogue Agents',
  LLM02: 'Sensitive Information Disclosure',
  LLM06: 'Excessive Agency',
  LLM10: 'Unbounded Consumption',
} as const;

export type Technique = keyof typeof TECHNIQUES;

/** By detector, the most telling first. */
export const TAGS = {
  'novel-endpoint': ['AML.T0053', 'ASI02', 'T1078'],
  'volume-spike': ['AML.T0034', 'T1496', 'ASI08', 'ASI10', 'LLM10'],
  'mass-read': ['AML.T0085', 'T1213', 'T1530', 'ASI03'],
  exfiltration: ['AML.T0086', 'T1567', 'T1048', 'ASI01', 'ASI02', 'LLM02'],
  'rare-sequence': ['AML.T0051.001', 'AML.T0101', 'T1485', 'ASI01', 'ASI02', 'LLM06'],
  'isolation-forest': ['AML.T0053', 'ASI02', 'ASI10'],
} as const satisfies Record<string, readonly Technique[]>;
