// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @title An account that a passkey controls
/// @notice Made for people without coins, wallet software or a written-down key. Whoever has the gas may submit what the passkey signed; nobody else
/// decides anything. There is no owner, no upgrade, no delegatecall and no function that only a relayer may call.
/// @dev A minimal proxy (ERC-1167) of logic that {IPasskeyAccounts} deployed, which alone sets its key: once at creation, later by a recovery.
///
/// A signature is an ABI-encoded `WebAuthn.WebAuthnAuth` of OpenZeppelin. Who checks what of it:
///  - *the authenticator*: that the relying party is the one the passkey was made for; that the person was there and was verified;
///  - *the browser*: that the page's origin may act for that relying party, and that `clientDataJSON` says the truth about origin and challenge;
///  - *this contract*: curve signature with low `s` (P-256), `type` = `webauthn.get`, challenge = the 32-byte digest, the hash of the relying party's
///    name, the flags *user present* and *user verified*, and that a backed-up key was allowed to be. It reads neither origin nor counter: every page
///    under the relying party's name is trusted alike, and a synchronised passkey counts on each device.
interface IPasskeyAccount is IERC1271 {
    /// @param to Whom to call. It must have code, unless `data` is empty and only coins are sent.
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    event Executed(uint256 indexed nonce, uint256 calls);
    event KeyChanged(bytes32 qx, bytes32 qy, bytes32 rpIdHash);

    error AccountExpired(uint256 deadline);
    /// @notice Signed for another turn: executed already, or others have to go first.
    error AccountWrongNonce(uint256 expected, uint256 given);
    /// @notice Not a signature of this account's present passkey over this batch, nonce and deadline, on this chain, for its relying party, with the
    /// person verified.
    error AccountBadSignature();
    error AccountNoCalls();
    error AccountNotFactory(address caller);

    /// @notice Executes all calls in order, or none. Anyone may submit it.
    /// @dev EIP-712 `Execute(Call[] calls,uint256 nonce,uint256 deadline)Call(address to,uint256 value,bytes data)`; domain "Chongwen", "1", this chain,
    /// this account. The nonce is used before the first call. A call that fails takes everything back, the nonce too, and its reason is passed on: so
    /// whoever submits with too little gas pays for it and changes nothing.
    function execute(Call[] calldata calls, uint256 nonce, uint256 deadline, bytes calldata signature) external;

    /// @notice Sets the key. Only {IPasskeyAccounts}.
    function setKey(bytes32 qx, bytes32 qy, bytes32 rpIdHash) external;

    receive() external payable;

    /// @notice The deployer and the only one who sets keys.
    function accounts() external view returns (address);
    /// @notice The turn that the next batch has to be signed for.
    function nonce() external view returns (uint256);
    /// @notice The present passkey: a point of P-256, and SHA-256 of the relying party's name (such as `ledger.example.org`).
    function key() external view returns (bytes32 qx, bytes32 qy, bytes32 rpIdHash);
}
