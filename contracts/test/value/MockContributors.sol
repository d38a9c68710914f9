// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContributors} from "../../interfaces/IContributors.sol";

/// @dev The three views that the value contracts read, with setters.
contract MockContributors {
    mapping(uint32 organisation => IContributors.Organisation) private _organisations;
    mapping(uint32 contributor => address) public payeeOf;

    function setOrganisation(uint32 organisation, address account, uint32 cluster) external {
        _organisations[organisation] = IContributors.Organisation(account, cluster, address(1), address(2));
    }

    function setPayee(uint32 contributor, address payee) external {
        payeeOf[contributor] = payee;
    }

    function organisationOf(uint32 organisation) external view returns (IContributors.Organisation memory) {
        return _organisations[organisation];
    }
}
