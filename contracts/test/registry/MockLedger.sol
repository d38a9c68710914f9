// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../../interfaces/ISeats.sol";

/// @notice Stands in for the ledger: any weight rule, and a charge whose result can be read back and whose gas is measured.
contract MockLedger {
    ISeats public immutable SEATS;
    uint32 public recordsPerWeight = 1;
    uint16 public maxSeats = 256;

    event Charged(bytes weights, uint24 epoch, uint256 accepted, uint256 gasUsed);

    constructor(ISeats seats) {
        SEATS = seats;
    }

    function setWeightRule(uint32 recordsPerWeight_, uint16 maxSeats_) external {
        (recordsPerWeight, maxSeats) = (recordsPerWeight_, maxSeats_);
    }

    function weightRuleOf(uint32) external view returns (uint32, uint16) {
        return (recordsPerWeight, maxSeats);
    }

    /// @dev `gasUsed` is that of the call alone, cold storage, decoding of the result included.
    function charge(uint32 federation, uint32 round, bytes calldata column, uint48 rho, uint256 skip)
        external
        returns (bytes memory weights, uint24 epoch, uint256 accepted)
    {
        uint256 before = gasleft();
        (weights, epoch, accepted) = SEATS.charge(federation, round, column, rho, skip);
        emit Charged(weights, epoch, accepted, before - gasleft());
    }
}
