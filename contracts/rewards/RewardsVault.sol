// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IContributors} from "../interfaces/IContributors.sol";
import {IRewardsVault} from "../interfaces/IRewardsVault.sol";
import {ISeats} from "../interfaces/ISeats.sol";
import {RewardsTree} from "../libraries/RewardsTree.sol";

/// @title Rewards vault
/// @dev Every outside call before a claim's effects is static (ERC-1271, registries); the only other one is the transfer at its end, to a token of ours
/// that has no hooks and reverts instead of returning false.
contract RewardsVault is IRewardsVault, EIP712 {
    bytes32 private constant CLAIM_TYPEHASH =
        keccak256("Claim(uint32 federation,uint32 index,address recipient,uint256 cumulative,uint256 deadline)");

    /// @inheritdoc IRewardsVault
    address public immutable token;
    /// @inheritdoc IRewardsVault
    address public immutable treasury;
    /// @inheritdoc IRewardsVault
    uint32 public immutable federation;
    ISeats public immutable seats;
    IContributors public immutable contributors;

    /// @inheritdoc IRewardsVault
    bytes32 public rewardsRoot;
    /// @inheritdoc IRewardsVault
    uint256 public total;
    /// @dev A struct only so that its slot is computed once a claim.
    mapping(uint32 index => Paid) private _paid;

    struct Paid {
        uint256 amount;
    }

    constructor(address token_, uint32 federation_, address seats_, address contributors_) EIP712("Chongwen", "1") {
        token = token_;
        treasury = msg.sender;
        federation = federation_;
        seats = ISeats(seats_);
        contributors = IContributors(contributors_);
    }

    /// @inheritdoc IRewardsVault
    function claim(uint32 index, uint256 cumulative, bytes32[] calldata proof) external returns (uint256 amount) {
        amount = _take(index, msg.sender, msg.sender, cumulative, proof);
        IERC20(token).transfer(msg.sender, amount);
    }

    /// @inheritdoc IRewardsVault
    function claimMany(ClaimItem[] calldata items) external returns (uint256 amount) {
        for (uint256 i; i < items.length; ++i) {
            ClaimItem calldata item = items[i];
            amount += _take(item.index, msg.sender, msg.sender, item.cumulative, item.proof);
        }
        IERC20(token).transfer(msg.sender, amount);
    }

    /// @inheritdoc IRewardsVault
    function claimFor(
        address payee,
        address recipient,
        ClaimItem calldata item,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint256 amount) {
        if (block.timestamp > deadline) revert VaultExpired(deadline);
        if (recipient == address(0)) revert VaultZeroRecipient();
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(CLAIM_TYPEHASH, federation, item.index, recipient, item.cumulative, deadline))
        );
        if (!SignatureChecker.isValidSignatureNowCalldata(payee, digest, signature)) revert VaultBadSignature(payee);
        amount = _take(item.index, payee, recipient, item.cumulative, item.proof);
        IERC20(token).transfer(recipient, amount);
    }

    /// @inheritdoc IRewardsVault
    function claimRecovered(address leafPayee, ClaimItem calldata item) external returns (uint256 amount) {
        address current = contributors.payeeOf(seats.seatOf(federation, item.index).contributor);
        if (leafPayee == address(0) || leafPayee == msg.sender || current != msg.sender) {
            revert VaultNotCurrentPayee(item.index, msg.sender);
        }
        amount = _take(item.index, leafPayee, msg.sender, item.cumulative, item.proof);
        IERC20(token).transfer(msg.sender, amount);
    }

    /// @inheritdoc IRewardsVault
    function update(bytes32 rewardsRoot_, uint256 total_) external {
        if (msg.sender != treasury) revert VaultNotTreasury(msg.sender);
        rewardsRoot = rewardsRoot_;
        total = total_;
        emit RootChanged(rewardsRoot_, total_);
    }

    /// @inheritdoc IRewardsVault
    function claimedOf(uint32 index) external view returns (uint256) {
        return _paid[index].amount;
    }

    /// @dev Proves the leaf and marks its unpaid part as paid. The caller transfers it.
    function _take(uint32 index, address payee, address recipient, uint256 cumulative, bytes32[] calldata proof)
        internal
        virtual
        returns (uint256 amount)
    {
        bytes32 leaf = RewardsTree.leaf(block.chainid, address(this), federation, index, payee, cumulative);
        if (!RewardsTree.holds(rewardsRoot, leaf, index, proof)) revert VaultBadProof(index, payee, cumulative);
        Paid storage paid = _paid[index];
        uint256 claimed = paid.amount;
        if (cumulative <= claimed) revert VaultNothingToClaim(index, cumulative, claimed);
        paid.amount = cumulative;
        unchecked {
            amount = cumulative - claimed; // compared just above
        }
        emit Claimed(index, payee, recipient, amount, cumulative);
    }
}
