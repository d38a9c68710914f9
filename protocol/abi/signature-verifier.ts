// Written by `npm run abi` from what the compiler says. Do not edit.
export const signatureVerifierAbi = [
  {"inputs":[{"name":"rounds","type":"address"},{"name":"seats","type":"address"},{"name":"contributors","type":"address"},{"name":"datasets","type":"address"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"RoundHeaderMismatch","type":"error"},
  {"inputs":[{"name":"length","type":"uint256"}],"name":"RoundHeaderTooShort","type":"error"},
  {"inputs":[{"name":"state","type":"uint8"}],"name":"RoundHeaderWrongState","type":"error"},
  {"inputs":[{"name":"entry","type":"uint256"},{"name":"entries","type":"uint256"}],"name":"SignatureVerifierBadEntry","type":"error"},
  {"inputs":[{"name":"length","type":"uint256"},{"name":"expected","type":"uint256"}],"name":"SignatureVerifierBadLength","type":"error"},
  {"inputs":[{"name":"entry","type":"uint256"}],"name":"SignatureVerifierNoFault","type":"error"},
  {"inputs":[{"name":"column","type":"string"}],"name":"SignatureVerifierWrongColumn","type":"error"},
  {"inputs":[],"name":"CONTRIBUTORS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"DATASETS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"ROUNDS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"SEATS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"components":[{"name":"federation","type":"uint32"},{"name":"round","type":"uint32"},{"name":"parentHash","type":"bytes32"},{"components":[{"name":"hash","type":"bytes32"},{"name":"state","type":"uint8"},{"name":"attempt","type":"uint8"},{"name":"deadline","type":"uint40"},{"name":"parentRound","type":"uint32"},{"name":"parentAttempt","type":"uint8"},{"name":"consentEpoch","type":"uint24"},{"name":"sealers","type":"uint32"},{"name":"reporters","type":"uint32"},{"name":"sealEpoch","type":"uint16"},{"name":"reportEpoch","type":"uint16"},{"name":"entries","type":"uint16"},{"name":"accepted","type":"uint16"},{"name":"holds","type":"uint8"}],"name":"state","type":"tuple"}],"name":"context","type":"tuple"},{"name":"proof","type":"bytes"}],"name":"verify","outputs":[{"name":"kind","type":"uint8"},{"components":[{"name":"federation","type":"uint32"},{"name":"round","type":"uint32"},{"name":"attempt","type":"uint8"},{"name":"sealHash","type":"bytes32"},{"name":"modelRoot","type":"bytes32"},{"name":"metricsHash","type":"bytes32"},{"name":"excluded","type":"uint256"},{"name":"artefact","type":"bytes32"}],"name":"report","type":"tuple"}],"stateMutability":"view","type":"function"},
] as const;
