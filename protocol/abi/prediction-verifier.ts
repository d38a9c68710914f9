// Written by `npm run abi` from what the compiler says. Do not edit.
export const predictionVerifierAbi = [
  {"inputs":[{"name":"kind","type":"uint256"}],"name":"PredictionVerifierBadKind","type":"error"},
  {"inputs":[{"name":"length","type":"uint256"}],"name":"PredictionVerifierBadLength","type":"error"},
  {"inputs":[{"name":"value","type":"uint256"}],"name":"PredictionVerifierNoFault","type":"error"},
  {"inputs":[{"name":"record","type":"uint256"},{"name":"records","type":"uint256"}],"name":"PredictionVerifierNoRecord","type":"error"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"PredictionVerifierOtherColumn","type":"error"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"PredictionVerifierOtherHoldout","type":"error"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"PredictionVerifierOtherMetrics","type":"error"},
  {"inputs":[{"name":"features","type":"uint256"},{"name":"classes","type":"uint256"},{"name":"featureBits","type":"uint256"},{"name":"records","type":"uint256"}],"name":"PredictionVerifierOutOfBounds","type":"error"},
  {"inputs":[{"name":"held","type":"bytes32"},{"name":"opened","type":"bytes32"}],"name":"RoundHeaderMismatch","type":"error"},
  {"inputs":[{"name":"length","type":"uint256"}],"name":"RoundHeaderTooShort","type":"error"},
  {"inputs":[{"name":"state","type":"uint8"}],"name":"RoundHeaderWrongState","type":"error"},
  {"inputs":[{"name":"first","type":"uint256"},{"name":"count","type":"uint256"},{"name":"depth","type":"uint256"}],"name":"SszRangeBadIndex","type":"error"},
  {"inputs":[{"name":"length","type":"uint256"},{"name":"depth","type":"uint256"},{"name":"first","type":"uint256"},{"name":"count","type":"uint256"}],"name":"SszRangeBadLength","type":"error"},
  {"inputs":[],"name":"SszRangeNoSha256","type":"error"},
  {"inputs":[{"components":[{"name":"federation","type":"uint32"},{"name":"round","type":"uint32"},{"name":"parentHash","type":"bytes32"},{"components":[{"name":"hash","type":"bytes32"},{"name":"state","type":"uint8"},{"name":"attempt","type":"uint8"},{"name":"deadline","type":"uint40"},{"name":"parentRound","type":"uint32"},{"name":"parentAttempt","type":"uint8"},{"name":"consentEpoch","type":"uint24"},{"name":"sealers","type":"uint32"},{"name":"reporters","type":"uint32"},{"name":"sealEpoch","type":"uint16"},{"name":"reportEpoch","type":"uint16"},{"name":"entries","type":"uint16"},{"name":"accepted","type":"uint16"},{"name":"holds","type":"uint8"}],"name":"state","type":"tuple"}],"name":"context","type":"tuple"},{"name":"proof","type":"bytes"}],"name":"verify","outputs":[{"name":"","type":"uint8"},{"components":[{"name":"federation","type":"uint32"},{"name":"round","type":"uint32"},{"name":"attempt","type":"uint8"},{"name":"sealHash","type":"bytes32"},{"name":"modelRoot","type":"bytes32"},{"name":"metricsHash","type":"bytes32"},{"name":"excluded","type":"uint256"},{"name":"artefact","type":"bytes32"}],"name":"","type":"tuple"}],"stateMutability":"view","type":"function"},
] as const;
