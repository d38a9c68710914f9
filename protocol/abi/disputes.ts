// Written by `npm run abi` from what the compiler says. Do not edit.
export const disputesAbi = [
  {"inputs":[{"name":"owner","type":"address"},{"name":"rounds","type":"address"}],"stateMutability":"nonpayable","type":"constructor"},
  {"inputs":[{"name":"verifier","type":"address"}],"name":"DisputesNoFault","type":"error"},
  {"inputs":[{"name":"verifier","type":"address"}],"name":"DisputesVerifierUnknown","type":"error"},
  {"inputs":[{"name":"owner","type":"address"}],"name":"OwnableInvalidOwner","type":"error"},
  {"inputs":[{"name":"account","type":"address"}],"name":"OwnableUnauthorizedAccount","type":"error"},
  {"anonymous":false,"inputs":[{"indexed":true,"name":"federation","type":"uint32"},{"indexed":true,"name":"round","type":"uint32"},{"indexed":false,"name":"attempt","type":"uint8"},{"indexed":true,"name":"verifier","type":"address"},{"indexed":false,"name":"kind","type":"uint8"},{"indexed":false,"name":"challenger","type":"address"}],"name":"DisputeWon","type":"event"},
  {"anonymous":false,"inputs":[{"indexed":true,"name":"previousOwner","type":"address"},{"indexed":true,"name":"newOwner","type":"address"}],"name":"OwnershipTransferred","type":"event"},
  {"anonymous":false,"inputs":[{"indexed":true,"name":"verifier","type":"address"},{"indexed":false,"name":"trusted","type":"bool"}],"name":"VerifierChanged","type":"event"},
  {"inputs":[],"name":"ROUNDS","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"name":"verifier","type":"address"},{"name":"trusted","type":"bool"}],"name":"changeVerifier","outputs":[],"stateMutability":"nonpayable","type":"function"},
  {"inputs":[{"name":"verifier","type":"address"}],"name":"isTrusted","outputs":[{"name":"","type":"bool"}],"stateMutability":"view","type":"function"},
  {"inputs":[],"name":"owner","outputs":[{"name":"","type":"address"}],"stateMutability":"view","type":"function"},
  {"inputs":[{"name":"federation","type":"uint32"},{"name":"round","type":"uint32"},{"name":"verifier","type":"address"},{"components":[{"name":"federation","type":"uint32"},{"name":"round","type":"uint32"},{"name":"attempt","type":"uint8"},{"name":"sealHash","type":"bytes32"},{"name":"modelRoot","type":"bytes32"},{"name":"metricsHash","type":"bytes32"},{"name":"excluded","type":"uint256"},{"name":"artefact","type":"bytes32"}],"name":"report","type":"tuple"},{"name":"proof","type":"bytes"}],"name":"prove","outputs":[],"stateMutability":"nonpayable","type":"function"},
  {"inputs":[],"name":"renounceOwnership","outputs":[],"stateMutability":"nonpayable","type":"function"},
  {"inputs":[{"name":"newOwner","type":"address"}],"name":"transferOwnership","outputs":[],"stateMutability":"nonpayable","type":"function"},
] as const;
