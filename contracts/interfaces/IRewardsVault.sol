// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Rewards vault: one federation's credited SHU, claimed by cumulative proof
/// @notice A leaf says what a seat has earned in total; a claim pays the difference to what it was paid before. So a claim never expires, a new root never
/// takes an unclaimed amount away, and a repeated claim pays nothing.
///
///   leaf = keccak256(abi.encode(block.chainid, vault, federation, index, payee, cumulative))        192 bytes: never confused with a 64-byte node
///   node = keccak256(left ‖ right), position fixed by the bits of `index`; depth = proof length; absent leaves are zero
///
/// @dev Trust assumptions: only the treasury changes the root, after a settlement became final. There is no owner and no pause. Only the payee itself,
/// whoever holds its signature, or the payee that succeeded it on the same seat can move its reward: nobody can push tokens to a lost address.
/// Warning: a proof belongs to one root. A claim that is overtaken by a new settlement reverts and pays more when it is made again.
interface IRewardsVault {
    struct ClaimItem {
        uint32 index;
        uint256 cumulative;
        bytes32[] proof;
    }

    event RootChanged(bytes32 rewardsRoot, uint256 total);
    event Claimed(uint32 indexed index, address indexed payee, address indexed recipient, uint256 amount, uint256 cumulative);

    error VaultNotTreasury(address caller);
    error VaultBadProof(uint32 index, address payee, uint256 cumulative);
    error VaultNothingToClaim(uint32 index, uint256 cumulative, uint256 claimed);
    error VaultBadSignature(address payee);
    error VaultExpired(uint256 deadline);
    error VaultNotCurrentPayee(uint32 index, address caller);
    error VaultZeroRecipient();

    /// @notice The caller claims its own leaf.
    function claim(uint32 index, uint256 cumulative, bytes32[] calldata proof) external returns (uint256 amount);
    /// @notice The caller claims several of its own leaves (an institution paid for many seats). One bad item reverts all.
    function claimMany(ClaimItem[] calldata items) external returns (uint256 amount);
    /// @notice Anyone claims for a payee that signed `Claim(uint32 federation,uint32 index,address recipient,uint256 cumulative,uint256 deadline)`.
    /// @dev Contract payees sign by ERC-1271. A signature needs no nonce: the same cumulative amount is never paid twice.
    function claimFor(address payee, address recipient, ClaimItem calldata item, uint256 deadline, bytes calldata signature) external returns (uint256 amount);
    /// @notice After a recovery: the seat's current payee claims a leaf that still names the old one.
    /// @dev Until then the old payee can claim it too. A leaf without payee (payment declined) is claimable by nobody, now or later.
    function claimRecovered(address leafPayee, ClaimItem calldata item) external returns (uint256 amount);
    /// @notice Called by the treasury.
    function update(bytes32 rewardsRoot, uint256 total) external;

    function token() external view returns (address);
    function treasury() external view returns (address);
    function federation() external view returns (uint32);
    function rewardsRoot() external view returns (bytes32);
    /// @notice Sum of all leaves under the current root.
    function total() external view returns (uint256);
    function claimedOf(uint32 index) external view returns (uint256);
}
