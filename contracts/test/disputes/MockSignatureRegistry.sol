// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDatasets} from "../../interfaces/IDatasets.sol";
import {IRounds} from "../../interfaces/IRounds.sol";
import {ISeats} from "../../interfaces/ISeats.sol";

/// @dev Rounds, seats, contributors and datasets in one: a single seat, of contributor 1, with one key, on private data.
contract MockSignatureRegistry {
    address public immutable KEY;

    constructor(address key) {
        KEY = key;
    }

    function roundOf(uint32, uint32) external pure returns (IRounds.Round memory state) {
        state.deadline = 1;
    }

    function seatCount(uint32) external pure returns (uint32) {
        return 1;
    }

    function seatOf(uint32, uint32) external pure returns (ISeats.Seat memory) {
        return ISeats.Seat(1, 1);
    }

    function termsOf(uint32) external pure returns (IDatasets.Terms memory terms) {}

    function keyRecordOf(address key) external view returns (uint32 contributor, bool used, uint48 retiredAt) {
        return key == KEY ? (uint32(1), true, uint48(0)) : (uint32(0), false, uint48(0));
    }

    function rotationDelay() external pure returns (uint256) {
        return 7 days;
    }
}
