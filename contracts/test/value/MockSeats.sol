// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeats} from "../../interfaces/ISeats.sol";

contract MockSeats {
    mapping(uint32 federation => mapping(uint32 seat => ISeats.Seat)) private _seats;

    function setSeat(uint32 federation, uint32 seat, uint32 contributor) external {
        _seats[federation][seat] = ISeats.Seat(contributor, 1);
    }

    function seatOf(uint32 federation, uint32 seat) external view returns (ISeats.Seat memory) {
        return _seats[federation][seat];
    }
}
