"""The press: reads issues and entries, joins them with the ledger's verdicts, writes every format."""
