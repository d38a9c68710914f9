// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITreasury} from "../../../contracts/interfaces/ITreasury.sol";
import {ContributionToken} from "../../../contracts/token/ContributionToken.sol";
import {ValueTest} from "./ValueTest.sol";

contract ContributionTokenTest is ValueTest {
    function _token(uint256 cap, uint256 genesis, uint256 emission, uint256 length) private returns (ContributionToken) {
        ITreasury.Allocation[] memory allocations = new ITreasury.Allocation[](1);
        allocations[0] = ITreasury.Allocation(address(0xA11CE), genesis);
        return new ContributionToken(address(this), params(cap, emission, length), allocations);
    }

    function testFuzz_releasedEmission_monotoneAndCapped_succeeds(
        uint128 cap,
        uint128 genesis,
        uint128 emission,
        uint32 length,
        uint40 first,
        uint40 second
    ) public {
        genesis = uint128(bound(genesis, 0, cap));
        emission = uint128(bound(emission, 0, cap));
        if (length == 0) length = 1;
        ContributionToken token = _token(cap, genesis, emission, length);
        uint256 start = token.start();
        (uint256 a, uint256 b) = first < second ? (first, second) : (second, first);
        vm.warp(start + a);
        uint256 early = token.releasedEmission();
        uint256 expected = (1 + a / length) * emission;
        assertEq(early, expected < cap - genesis ? expected : cap - genesis, "schedule");
        vm.warp(start + b);
        assertLe(early, token.releasedEmission(), "monotone");
        assertLe(token.releasedEmission() + genesis, cap, "capped");
    }

    function testFuzz_mint_neverAboveReleased_succeeds(uint128 amount, uint128 more, uint32 elapsed) public {
        ContributionToken token = _token(1e30, 1e29, 1e27, 30 days);
        vm.warp(block.timestamp + elapsed);
        uint256 released = token.releasedEmission();
        try token.mint(address(1), amount) {
            assertLe(amount, released, "first mint");
        } catch {
            assertLe(released + 1, amount, "refused only above");
            return;
        }
        try token.mint(address(2), more) {
            assertLe(uint256(amount) + more, released, "second mint");
        } catch {
            assertLe(released + 1, uint256(amount) + more, "refused only above");
        }
        assertLe(token.totalSupply(), token.cap(), "cap");
        assertEq(token.totalSupply(), token.genesisSupply() + token.mintedEmission(), "supply");
    }

    function testFuzz_mint_notMinter_reverts(address caller, uint128 amount) public {
        vm.assume(caller != address(this));
        ContributionToken token = _token(1e30, 0, 1e30, 1);
        vm.prank(caller);
        try token.mint(caller, amount) {
            assertTrue(false, "anyone can mint");
        } catch {}
    }
}
