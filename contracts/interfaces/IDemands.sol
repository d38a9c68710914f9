// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Report} from "../types/Kernel.sol";

/// @title Demands: whoever cannot fetch the data of a reported round asks for it on chain
/// @notice Who signs a report vouches that everything it was computed from can be fetched. So anyone may demand a run of chunks of the model, of an update
/// or of its norm's trace, or a column, and leaves a deposit in the chain's currency. Whoever answers gets the bond, and the data is in its calldata for
/// all to read. When nobody answers in time, the report is overturned, its signers are slashed, and the demander is the challenger. Each demand takes one
/// hold of the round, so nothing that is asked for can become final unanswered.
///
///   demand ──→ open ── answer, before its deadline ──→ closed, bond to who answered, the rest of the deposit credited to the demander
///                │──── expire, from its deadline on ─→ closed, report overturned, deposit back
///                └──── refund, once its attempt is over ─→ closed, deposit back
///
/// An attempt is over when the round is no longer Reported with it: overturned by another demand or by a proof, void, or final. It never comes back, so
/// every deposit has exactly one way out at any time: answer or expire while the attempt lasts, refund after.
///
/// **Nobody can fill a round with demands to keep others out.** As long as fewer than `plainOpen` things hold the round, a deposit is the bond; from then
/// on it is twice that of the demand before, so to keep a watcher out takes as much money as the watcher has. Whoever answers gets the bond and no more,
/// so the demander never pays more than that. A deposit may be doubled more often than needed: it leaves room for demands that come in between.
/// @dev Trust assumptions: none of its own; it has no owner, and its parameters are fixed. It must be a judge of `Rounds`: dismissed, it can release and
/// overturn nothing more, rounds that it holds become void in the end, and deposits go back.
/// Warning: an answer can be copied while it waits, and the bond goes to who comes first. The data is public either way, and that is what was demanded.
/// Warning: a chunk demanded is one of the padded tree. Chunks behind the last lane are zero, and an honest operator can answer them as well as any.
/// Warning: a column's bond is for the length that it should have. One of another length is a fault of the seal, which its answer or nobody shows.
interface IDemands {
    /// @dev Model, Update and Trace (of an update's norm) are vectors, the others columns.
    enum Kind {
        Model,
        Update,
        Norms,
        NormTraces,
        Signatures,
        Trace
    }

    /// @param entry Whose update or trace, as an index into the sealed columns; else 0.
    /// @param first,count Run of chunks of a vector, 1 to 2048; both 0 for a column, which is demanded whole.
    struct DemandInput {
        Kind kind;
        uint8 entry;
        uint32 first;
        uint16 count;
    }

    /// @notice What a demand is for; `idOf` it names the demand.
    /// @param commitment Root of the vector, or keccak-256 of the column.
    /// @param depth log2 of the vector's chunks; 0, with `first` and `count`, for a column.
    struct DemandKey {
        uint32 federation;
        uint32 round;
        uint8 attempt;
        bytes32 commitment;
        uint8 depth;
        uint32 first;
        uint16 count;
    }

    /// @notice One storage slot.
    /// @param demander Zero: not open. @param deadline Answer before, expire from.
    /// @param chunks What the bond is computed from. @param doublings The deposit is `bond · 2^doublings`.
    struct Demand {
        address demander;
        uint40 deadline;
        uint16 chunks;
        uint8 doublings;
    }

    event DataDemanded(uint32 indexed federation, uint32 indexed round, uint8 attempt, bytes32 id, DemandInput input, address demander);
    /// @notice The data is in the calldata of `answer`.
    event DataAnswered(bytes32 indexed id, address answerer);
    event DemandExpired(bytes32 indexed id);
    event DepositReturned(bytes32 indexed id, address demander, uint256 deposit);
    event CreditCollected(address indexed demander, uint256 amount);

    error DemandsBadParameter(string name);
    error DemandsProofLength(uint256 length, uint256 expected);
    /// @notice The federation's updates are escrowed or masked: what cannot be read by all cannot be demanded by all.
    error DemandsNotPublic(uint8 privacyMode);
    error DemandsNoEntry(uint256 entry, uint256 entries);
    /// @notice The entry was dropped at the seal or is excluded by the report: nobody vouches for its payload.
    error DemandsWithoutWeight(uint256 entry);
    error DemandsBadRun(uint256 first, uint256 count, uint256 depth);
    error DemandsTooLate(uint256 since);
    error DemandsTooManyHolds(uint256 holds, uint256 limit);
    /// @notice Send `bond · 2^n`, with n at least `doublings`.
    error DemandsBadDeposit(uint256 sent, uint256 bond, uint256 doublings);
    error DemandsNothingToCollect(address demander);
    error DemandsAlreadyOpen(bytes32 id);
    /// @notice No such demand waits: never made, closed, or named with another chunk, run, depth or attempt.
    error DemandsNotOpen(bytes32 id);
    error DemandsDeadlinePassed(uint256 deadline);
    error DemandsStillOpen(uint256 deadline);
    /// @notice The attempt that the demand was made in is over. Its deposit can be refunded.
    error DemandsAttemptOver(uint32 federation, uint32 round, uint8 attempt);
    /// @notice The attempt is not over: the demand can be answered, or expires.
    error DemandsAttemptLasts(uint32 federation, uint32 round, uint8 attempt);
    error DemandsPaymentRefused(address to);

    /// @notice Demands data of a reported round. Refused when the answer window would reach beyond the round's deadline.
    /// @dev msg.value is `bondOf` the chunks (`count`, or for a column its bytes / 32, rounded up), doubled as often as the round's holds ask for, or more.
    /// @param proof Header ‖ parent's report hash ‖ model root ‖ what depends on the kind:
    /// update: weights ‖ update roots · trace: weights ‖ H(update roots) ‖ norm traces · else: H(update roots) ‖ H(weights).
    function demand(uint32 federation, uint32 round, DemandInput calldata input, bytes calldata proof) external payable returns (bytes32 id);

    /// @notice Anyone gives the data, before the demand's deadline, and gets the bond.
    /// @param data Opening of the run as `SszRange` reads it; or the column, with depth, first and count 0.
    function answer(uint32 federation, uint32 round, uint8 attempt, uint8 depth, uint32 first, uint16 count, bytes calldata data) external;

    /// @notice Anyone, from the demand's deadline on: overturns the report. The demander is the challenger and gets its deposit back, in this call if it can
    /// take it with 50,000 gas, else by `refund`.
    /// @param report The report that the round holds.
    function expire(DemandKey calldata key, Report calldata report) external;

    /// @notice Anyone, once the attempt is over: the deposit goes back to the demander.
    function refund(DemandKey calldata key) external;

    /// @notice Anyone: pays the demander what answers left of its deposits.
    function collect(address demander) external;

    /// @notice Seconds that a demand can be answered.
    function answerWindow() external view returns (uint40);
    /// @notice Holds of a round, of all judges and its own finality together, from which on deposits double.
    function plainOpen() external view returns (uint8);
    function creditOf(address demander) external view returns (uint256);
    /// @notice What answering that many chunks earns.
    function bondOf(uint256 chunks) external view returns (uint256);
    function idOf(DemandKey memory key) external pure returns (bytes32);
    function demandOf(bytes32 id) external view returns (Demand memory);
}
