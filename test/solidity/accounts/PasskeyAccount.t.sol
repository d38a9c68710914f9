// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {PasskeyAccount} from "../../../contracts/accounts/PasskeyAccount.sol";
import {IPasskeyAccount} from "../../../contracts/interfaces/IPasskeyAccount.sol";

interface P256Vm {
    function signP256(uint256 privateKey, bytes32 digest) external pure returns (bytes32 r, bytes32 s);
    function publicKeyP256(uint256 privateKey) external pure returns (uint256 x, uint256 y);
    function assume(bool condition) external pure;
}

contract Counter {
    uint256 public total;

    function add(uint256 amount) external {
        total += amount;
    }
}

/// @dev This contract is the factory. Signatures and digests are made here from the standards, not with the account's own code.
contract PasskeyAccountTest {
    P256Vm private constant VM = P256Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 private constant RP = sha256("ledger.example.org");
    uint256 private constant DEADLINE = type(uint64).max;

    PasskeyAccount private account;
    Counter private counter;
    uint256 private key;

    error Failed(string what);

    function setUp() public {
        counter = new Counter();
        _newAccount(0xA11CE);
    }

    function testFuzz_execute_anyKeyAnyAmount_succeeds(uint256 key_, uint128 amount, uint32 counter_) public {
        _newAccount(1 + key_ % (P256.N - 1));
        bytes memory signature = _sign(_calls(amount), 0, RP, 0x05, counter_);
        account.execute(_calls(amount), 0, DEADLINE, signature);
        _require(counter.total() == amount && account.nonce() == 1, "executed once");
        _refused(_calls(amount), 1, signature, "replayed at the next turn");
    }

    /// @dev Present and verified, and no backed-up key that may not be: nothing else, whatever further bits say.
    function testFuzz_execute_anyFlags_succeeds(uint8 flags) public {
        bool good = flags & 0x05 == 0x05 && (flags & 0x10 == 0 || flags & 0x08 != 0);
        bytes memory signature = _sign(_calls(1), 0, RP, flags, 0);
        if (good) account.execute(_calls(1), 0, DEADLINE, signature);
        else _refused(_calls(1), 0, signature, "flags");
    }

    function testFuzz_execute_otherRelyingParty_reverts(bytes32 rp) public {
        VM.assume(rp != RP);
        _refused(_calls(1), 0, _sign(_calls(1), 0, rp, 0x05, 0), "relying party");
    }

    function testFuzz_execute_otherAmountThanSigned_reverts(uint128 signed, uint128 sent) public {
        VM.assume(signed != sent);
        _refused(_calls(sent), 0, _sign(_calls(signed), 0, RP, 0x05, 0), "amount");
    }

    /// @dev Every bit of r, s, both offsets, authenticator data and client data counts.
    function testFuzz_execute_anyFlippedBit_reverts(uint256 position) public {
        bytes memory signature = _sign(_calls(1), 0, RP, 0x05, 7);
        // Six words of head; authenticator data of 37 bytes behind its length; client data behind its length.
        uint256 jsonStart = 6 * 32 + 32 + 64 + 32;
        uint256 bit = position % ((4 * 32 + 37 + 36) * 8);
        uint256 at = bit / 8;
        if (at >= 4 * 32 + 37) at = jsonStart + (at - 4 * 32 - 37);
        else if (at >= 4 * 32) at = 6 * 32 + 32 + (at - 4 * 32);
        signature[at] ^= bytes1(uint8(1 << (bit % 8)));
        _refused(_calls(1), 0, signature, "flipped bit");
    }

    function testFuzz_execute_highS_reverts(uint128 amount) public {
        bytes memory signature = _sign(_calls(amount), 0, RP, 0x05, 0);
        bytes32 s;
        assembly ("memory-safe") {
            s := mload(add(signature, 0x40))
        }
        s = bytes32(P256.N - uint256(s));
        assembly ("memory-safe") {
            mstore(add(signature, 0x40), s)
        }
        _refused(_calls(amount), 0, signature, "high s");
    }

    /// @dev ERC-1271 answers, and never reverts, whatever it is given.
    function testFuzz_isValidSignature_anyBytes_refused_succeeds(bytes32 hash, bytes calldata signature) public view {
        _require(account.isValidSignature(hash, signature) != 0x1626ba7e, "accepted");
    }

    /// @dev Random bytes that look like a signature: offsets within, and somewhat out of, bounds.
    function testFuzz_isValidSignature_anyOffsets_refused_succeeds(bytes32 hash, uint256[6] memory head, bytes calldata tail) public view {
        bytes memory signature = abi.encodePacked(head[0], head[1], head[2] % 512, head[3] % 512, head[4] % 512, head[5] % 512, tail);
        _require(account.isValidSignature(hash, signature) != 0x1626ba7e, "accepted");
    }

    function _newAccount(uint256 key_) private {
        account = new PasskeyAccount();
        key = key_;
        (uint256 x, uint256 y) = VM.publicKeyP256(key_);
        account.setKey(bytes32(x), bytes32(y), RP);
    }

    function _calls(uint256 amount) private view returns (IPasskeyAccount.Call[] memory calls) {
        calls = new IPasskeyAccount.Call[](1);
        calls[0] = IPasskeyAccount.Call(address(counter), 0, abi.encodeCall(Counter.add, (amount)));
    }

    function _sign(IPasskeyAccount.Call[] memory calls, uint256 nonce, bytes32 rp, uint8 flags, uint32 count) private view returns (bytes memory) {
        string memory json = string.concat(
            '{"type":"webauthn.get","challenge":"',
            Base64.encodeURL(abi.encodePacked(_digest(calls, nonce))),
            '","origin":"https://ledger.example.org","crossOrigin":false}'
        );
        bytes memory data = abi.encodePacked(rp, flags, count);
        (bytes32 r, bytes32 s) = VM.signP256(key, sha256(abi.encodePacked(data, sha256(bytes(json)))));
        if (uint256(s) > P256.N / 2) s = bytes32(P256.N - uint256(s));
        return abi.encode(r, s, 23, 1, data, json);
    }

    function _digest(IPasskeyAccount.Call[] memory calls, uint256 nonce) private view returns (bytes32) {
        bytes32 call = keccak256(
            abi.encode(keccak256("Call(address to,uint256 value,bytes data)"), calls[0].to, calls[0].value, keccak256(calls[0].data))
        );
        bytes32 execute = keccak256("Execute(Call[] calls,uint256 nonce,uint256 deadline)Call(address to,uint256 value,bytes data)");
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Chongwen"),
                keccak256("1"),
                block.chainid,
                address(account)
            )
        );
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(execute, keccak256(abi.encode(call)), nonce, DEADLINE)));
    }

    function _refused(IPasskeyAccount.Call[] memory calls, uint256 nonce, bytes memory signature, string memory what) private {
        try account.execute(calls, nonce, DEADLINE, signature) {
            revert Failed(what);
        } catch (bytes memory reason) {
            _require(bytes4(reason) == IPasskeyAccount.AccountBadSignature.selector, what);
        }
    }

    function _require(bool condition, string memory what) private pure {
        if (!condition) revert Failed(what);
    }
}
