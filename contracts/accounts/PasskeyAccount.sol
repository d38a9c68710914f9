// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";
import {AbstractSigner} from "@openzeppelin/contracts/utils/cryptography/signers/AbstractSigner.sol";
import {ERC7739} from "@openzeppelin/contracts/utils/cryptography/signers/draft-ERC7739.sol";

import {IPasskeyAccount} from "../interfaces/IPasskeyAccount.sol";

/// @title Passkey account
/// @dev ERC-1271 answers through ERC-7739: what is signed for an application is nested in a statement that names chain and account, so that a passkey
/// with several accounts signs for one of them. Those statements and `Execute` are different EIP-712 types: neither passes for the other.
/// The key is not OpenZeppelin's `SignerWebAuthn`: that one demands a key in its constructor, which would give the shared logic a master.
contract PasskeyAccount is IPasskeyAccount, ERC7739 {
    bytes32 private constant CALL = keccak256("Call(address to,uint256 value,bytes data)");
    bytes32 private constant EXECUTE =
        keccak256("Execute(Call[] calls,uint256 nonce,uint256 deadline)Call(address to,uint256 value,bytes data)");

    /// @inheritdoc IPasskeyAccount
    address public immutable accounts;
    /// @inheritdoc IPasskeyAccount
    uint256 public nonce;
    bytes32 private _qx;
    bytes32 private _qy;
    bytes32 private _rpIdHash;

    /// @dev Of the logic: the proxies share its code, with what is immutable in it. It stays without a key, for which no signature is valid.
    constructor() EIP712("Chongwen", "1") {
        accounts = msg.sender;
    }

    /// @inheritdoc IPasskeyAccount
    receive() external payable {}

    /// @inheritdoc IPasskeyAccount
    function execute(Call[] calldata calls, uint256 nonce_, uint256 deadline, bytes calldata signature) external {
        if (block.timestamp > deadline) revert AccountExpired(deadline);
        if (nonce_ != nonce) revert AccountWrongNonce(nonce, nonce_);
        if (calls.length == 0) revert AccountNoCalls();
        bytes32 structHash = keccak256(abi.encode(EXECUTE, _hashOf(calls), nonce_, deadline));
        if (!_rawSignatureValidation(_hashTypedDataV4(structHash), signature)) revert AccountBadSignature();
        nonce = nonce_ + 1;
        emit Executed(nonce_, calls.length);
        for (uint256 i; i < calls.length; ++i) {
            Call calldata c = calls[i];
            if (c.data.length == 0) Address.sendValue(payable(c.to), c.value);
            else Address.functionCallWithValue(c.to, c.data, c.value);
        }
    }

    /// @inheritdoc IPasskeyAccount
    function setKey(bytes32 qx, bytes32 qy, bytes32 rpIdHash) external {
        if (msg.sender != accounts) revert AccountNotFactory(msg.sender);
        (_qx, _qy, _rpIdHash) = (qx, qy, rpIdHash);
        emit KeyChanged(qx, qy, rpIdHash);
    }

    /// @inheritdoc IPasskeyAccount
    function key() external view returns (bytes32 qx, bytes32 qy, bytes32 rpIdHash) {
        return (_qx, _qy, _rpIdHash);
    }

    /// @inheritdoc AbstractSigner
    /// @dev Nothing of a malformed signature reverts: ERC-1271 answers "no". The library reads memory at `typeIndex` before it compares it with the
    /// length, which far away would take all gas: so that is looked at here.
    function _rawSignatureValidation(bytes32 hash, bytes calldata signature) internal view override returns (bool) {
        (bool decoded, WebAuthn.WebAuthnAuth calldata auth) = WebAuthn.tryDecodeAuth(signature);
        if (!decoded || auth.authenticatorData.length < 32) return false;
        if (bytes32(auth.authenticatorData[:32]) != _rpIdHash || auth.typeIndex >= bytes(auth.clientDataJSON).length) return false;
        return WebAuthn.verify(abi.encodePacked(hash), auth, _qx, _qy, true);
    }

    /// @dev EIP-712 of an array: the hash of its elements' struct hashes, one after the other.
    function _hashOf(Call[] calldata calls) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            hashes[i] = keccak256(abi.encode(CALL, calls[i].to, calls[i].value, keccak256(calls[i].data)));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
